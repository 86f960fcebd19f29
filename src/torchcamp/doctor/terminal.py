"""A diagnosis, and the list of codes, as text on a terminal."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from torchcamp.doctor.codes import Code, lesson_titles
from torchcamp.doctor.diagnosis import Diagnosis, Finding

FILE_WIDTH = 80  # columns where the output is not a terminal and COLUMNS is not set
COLOURS = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
MAX_LISTED = 6


def print_diagnosis(diagnosis: Diagnosis) -> None:
    """Print findings, then what was watched and what was not."""
    console = _console()
    for part in listing(diagnosis):
        console.print(part)


def print_codes(codes: Iterable[Code]) -> None:
    """Print every code with what it means and an example."""
    console = _console()
    for code in codes:
        console.print(
            Text.assemble(
                (code.code, "bold"),
                "  ",
                (code.severity, COLOURS[code.severity]),
                f"  {code.title}",
            )
        )
        console.print(Padding(Text(f"{code.effect}\nMend: {code.mend}"), (0, 0, 0, 2)))
        for heading, example in (("wrong", code.wrong), ("right", code.right)):
            console.print(Padding(Text(f"{heading}:", "dim"), (0, 0, 0, 2)))
            console.print(Padding(_code(example), (0, 0, 0, 4)))
        console.print()


def listing(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    """The parts of the text, one after the other."""
    real = [each for each in diagnosis.findings if each.severity != "note"]
    notes = [each for each in diagnosis.findings if each.severity == "note"]
    for finding in (*real, *notes):
        yield _finding(finding)
    yield summary(diagnosis)
    yield from _remarks(diagnosis)


def summary(diagnosis: Diagnosis) -> Text:
    """How many findings there are, and what they rest on: one or two sentences."""
    counts = [
        _number(sum(f.severity == severity for f in diagnosis.findings), severity)
        for severity in ("error", "warning", "note")
        if any(f.severity == severity for f in diagnosis.findings)
    ]
    text = Text()
    if counts:
        text.append(f"{', '.join(counts)} in {diagnosis.target}. ", "bold")
    elif diagnosis.watched.steps:
        text.append(f"Nothing found in {diagnosis.target}. ", "bold green")
    else:
        text.append(f"{diagnosis.target} could not be judged. ", "bold")
    return text.append(watched_words(diagnosis))


def watched_words(diagnosis: Diagnosis) -> str:
    """What was watched, in a sentence."""
    watched = diagnosis.watched
    parts = [
        _number(watched.steps, "optimizer step"),
        _number(watched.backwards, "backward pass"),
        _number(watched.forwards, "forward pass"),
        _number(watched.validation_batches, "validation batch"),
    ]
    return f"Watched: {', '.join(parts)}, in {watched.seconds:.1f} s."


def _finding(finding: Finding) -> RenderableType:
    head = Text.assemble(
        (f"{finding.file}:{finding.line}", "bold"), "  ",
        (finding.severity, COLOURS[finding.severity]), "  ", (finding.code, "bold"),
    )  # fmt: skip
    if finding.seen > 1:
        head.append(f"  seen {finding.seen} times", "dim")
    body = Text(f"{finding.evidence['words']}\n{finding.effect}")
    body.append(f"\nMend: {finding.mend}", "green")
    if finding.related:
        places = ", ".join(f"{each.file}:{each.line}" for each in finding.related)
        body.append(f"\nSee also {places}", "dim")
    body.append(f"\nLesson: {lesson_titles()[finding.lesson]} (torchcamp start)", "dim")
    return Group(head, Padding(body, (0, 0, 1, 2)))


def _remarks(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    cuts = [
        f"line {each.line} of {each.file} after {_number(each.after, 'round')}"
        for each in diagnosis.cut
    ]
    ignored = [f"{each.file}:{each.line} {each.code}" for each in diagnosis.ignored]
    for heading, entries in (
        ("Loops ended early", cuts),
        ("Stand-ins", diagnosis.stand_ins),
        ("Blocked", diagnosis.blocked),
        ("Ignored by a comment", ignored),
        ("Not covered", diagnosis.not_watched),
    ):
        if entries:
            yield Text.assemble(
                (f"{heading}: ", "dim bold"), ("; ".join(_few(entries)) + ".", "dim")
            )


def _few(entries: Sequence[str]) -> list[str]:
    """The first entries, and how many more there are."""
    if len(entries) <= MAX_LISTED:
        return list(entries)
    return [*entries[: MAX_LISTED - 1], f"and {len(entries) - MAX_LISTED + 1} more"]


def _number(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith(("s", "ch")) else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def _code(source: str) -> Syntax:
    return Syntax(source, "python", theme="ansi_dark", background_color="default", word_wrap=True)


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in console._environ:
        console.width = FILE_WIDTH
    return console
