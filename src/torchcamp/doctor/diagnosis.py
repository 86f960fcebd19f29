"""What the doctor says: findings, what was watched, and what could not be.

`diagnose` makes it in a child process; the terminal and the page show it, and `--json` prints it.
"""

from dataclasses import dataclass, field

from torchcamp.reading.record import Record

Evidence = dict[str, str | int | float | bool | None]
"""What was measured, by name; `words` says it in one or two sentences."""


@dataclass(frozen=True, kw_only=True)
class Place(Record):
    """A line of one of the user's files."""

    file: str
    """As the user would type it: relative to where the command was given, where it lies below."""
    line: int
    cell: int | None = None
    """Of a notebook, the code cell that the line lies in, counted from 1."""
    cell_line: int | None = None
    """The line's number within the cell."""


@dataclass(frozen=True, kw_only=True)
class Finding(Record):
    """One bug, where it is, and how it showed itself."""

    code: str
    """`zero-grad-missing`; `codes.CODES` explains it."""
    severity: str
    """error, warning or note."""
    file: str
    line: int
    evidence: Evidence
    effect: str
    """What it does to the training."""
    mend: str
    """What to change."""
    lesson: str
    """The lesson that teaches it, by its short name."""
    seen: int
    """How often it happened while the script was watched."""
    related: list[Place] = field(default_factory=list)
    cell: int | None = None
    """Of a notebook, the code cell that the line lies in, counted from 1."""
    cell_line: int | None = None
    """The line's number within the cell."""


@dataclass(frozen=True, kw_only=True)
class Watched(Record):
    """How much of the training was seen."""

    steps: int
    """Optimizer steps."""
    backwards: int
    forwards: int
    """Calls of a network by the script itself."""
    validation_batches: int
    """Of loops in which a network ran and nothing was trained."""
    ended: str
    """`end`, `time limit`, `exit 2`, or the exception in one line."""
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Cut(Record):
    """A loop that was ended early, as if its iterable had been exhausted."""

    file: str
    line: int
    after: int
    """Iterations that ran."""


@dataclass(frozen=True, kw_only=True)
class Diagnosis(Record):
    """What `torchcamp doctor --json` prints."""

    target: str
    findings: list[Finding]
    """Errors first, then warnings and notes; each by file and line."""
    ignored: list[Finding]
    """Those that a `# torchcamp: ignore[code]` comment silences."""
    watched: Watched
    stand_ins: list[str]
    """What was made up because it is not installed or not there: `MNIST: 1200 made pictures of 28x28`."""
    cut: list[Cut]
    not_watched: list[str]
    """What this run could not tell: `no validation ran within the steps`."""
    blocked: list[str]
    """What the script tried and was not allowed: network, programs, files elsewhere."""

    sources: dict[str, str] = field(default_factory=dict)
    """The text of the user's files that ran, by the name that findings use."""

    def has_findings(self) -> bool:
        """Whether there is an error or a warning; notes do not count."""
        return any(finding.severity != "note" for finding in self.findings)

    def could_not_run(self) -> bool:
        """Whether there was nothing to judge: no optimizer stepped, and the script did not train otherwise.

        A script that steps by hand, with gradients and without an optimizer, did train.
        """
        seen = self.watched
        return seen.steps == 0 and (seen.backwards == 0 or seen.ended != "end")
