"""Every finding by its code: how serious it is, what it does, how to mend it, where it is taught.

`torchcamp doctor --list` prints this. What a detector adds are the line and the numbers.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Code:
    """One kind of bug."""

    code: str
    severity: str
    """error, warning or note; a detector may say less than this, never more."""
    title: str
    """In a few words, for a list."""
    effect: str
    """What it does to the training: one or two sentences."""
    mend: str
    """What to change: one sentence, in code where code is shorter."""
    lesson: str
    """Short name of the lesson that teaches it."""
    wrong: str
    """The bug in one to five lines of Python."""
    right: str
    """The same lines without it."""
