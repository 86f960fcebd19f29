"""What a diagnosis says beside its findings, in sentences: the terminal and the page share them."""

from collections.abc import Iterable

from torchcamp.doctor.diagnosis import Diagnosis, Finding, Watched
from torchcamp.reading.notebooks import cell_of

SEVERITIES = ("error", "warning", "note")


def verdict(diagnosis: Diagnosis) -> str:
    """`2 errors and 1 note`; `nothing found but 1 note`; `no training was seen`."""
    numbers = {
        severity: sum(finding.severity == severity for finding in diagnosis.findings)
        for severity in SEVERITIES
    }
    words = listed(counted(number, severity) for severity, number in numbers.items() if number)
    if diagnosis.has_findings():
        return words
    if diagnosis.could_not_run():
        return "no training was seen"
    return f"nothing found but {words}" if words else "nothing found"


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *some, last = [*words] or [""]
    return f"{', '.join(some)} and {last}" if some else last


def counted(number: int, one: str, many: str = "") -> str:
    """`1 step`, `2,000 steps`; `many` is the plural where an s does not make it."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def watched(seen: Watched) -> str:
    """How much was seen, and how it ended, in one sentence."""
    numbers = listed(
        [
            counted(seen.steps, "optimizer step"),
            counted(seen.backwards, "backward pass", "backward passes"),
            counted(seen.forwards, "forward pass", "forward passes"),
            counted(seen.validation_batches, "validation batch", "validation batches"),
        ]
    )
    return f"Watched {numbers} in {seen.seconds:.3g} s; {ended(seen)}."


def ended(seen: Watched) -> str:
    """How the script ended."""
    if seen.ended == "end":
        return "the script ran to its end"
    if seen.ended == "time limit":
        return "the time limit ended the run"
    if seen.ended.startswith("exit "):
        return f"the script exited with code {seen.ended.removeprefix('exit ')}"
    return f"the script raised {seen.ended}"


def place(diagnosis: Diagnosis, file: str, line: int) -> str:
    """`train.py:12`; of a notebook `train.ipynb cell 3:4`, its fourth line."""
    cell = cell_of(diagnosis.sources.get(file, ""), line) if file.endswith(".ipynb") else None
    return f"{file} cell {cell[0]}:{cell[1]}" if cell else f"{file}:{line}"


def loops_cut(diagnosis: Diagnosis) -> str:
    """`train.py:12 after 6 rounds, train.py:20 after 2`; loops at one line once."""
    rounds: dict[tuple[str, int], int] = {}
    for each in diagnosis.cut:
        rounds[each.file, each.line] = max(each.after, rounds.get((each.file, each.line), 0))
    return ", ".join(
        f"{place(diagnosis, file, line)} after {counted(number, 'round')}"
        for (file, line), number in rounds.items()
    )


def how_often(finding: Finding) -> str:
    """`seen 16 times`; empty where it was seen once, as what the text alone shows is."""
    return f"seen {finding.seen:,} times" if finding.seen > 1 else ""


def source_line(diagnosis: Diagnosis, file: str, line: int) -> str | None:
    """A line of one of the user's files; None where its text is not known."""
    lines = diagnosis.sources.get(file, "").splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else None
