"""What a detector hands over."""

from dataclasses import dataclass, field
from typing import Any

from torchcamp.doctor.recording import Where


@dataclass(frozen=True, kw_only=True)
class Found:
    """One finding, before it is put into words for a person.

    Attributes:
        words: the evidence, in one or two sentences with numbers.
        cause: what findings of this code have in common that one mend would end together: a network; None
            where each line is mended by itself.
        severity, effect, mend: where they differ from what `CODES` says of the code.
    """

    code: str
    where: Where
    words: str
    numbers: dict[str, Any] = field(default_factory=dict)
    seen: int = 1
    related: tuple[Where, ...] = ()
    cause: int | str | None = None
    severity: str | None = None
    effect: str | None = None
    mend: str | None = None


def times(number: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def plural(number: int, noun: str) -> str:
    """`1 step`, `2 steps`, `2 batches`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}{'es' if noun.endswith(('s', 'ch')) else 's'}"
