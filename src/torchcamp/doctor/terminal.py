"""A diagnosis, or the list of codes, on a terminal."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.syntax import Syntax
from rich.text import Text

from torchcamp.base.terminal import open_console
from torchcamp.doctor.codes import Code, lesson_titles
from torchcamp.doctor.diagnosis import Diagnosis, Finding, Place
from torchcamp.doctor.words import (
    SEVERITIES,
    counted,
    how_often,
    loops_cut,
    place,
    source_line,
    verdict,
    watched,
)

PIPED = 80  # columns where the output is not a terminal
MAX_WIDTH = 120  # columns; longer lines of prose are hard to read
STYLES = {"error": "bold red", "warning": "bold yellow", "note": "cyan"}
PLURALS = {"error": "Errors", "warning": "Warnings", "note": "Notes"}


def print_diagnosis(diagnosis: Diagnosis) -> None:
    """Print a diagnosis on standard output."""
    _print(report(diagnosis))


def print_codes(codes: Iterable[Code]) -> None:
    """Print what codes mean, by severity."""
    _print(explanations(codes))


def report(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    """The findings, the verdict, and below it what was seen and what could not be."""
    for finding in diagnosis.findings:
        if finding.severity != "note":
            yield _finding(diagnosis, finding)
    good = not (diagnosis.has_findings() or diagnosis.could_not_run())
    style = "bold green" if good else "bold red"
    yield _Wrapped(Text.assemble((f"{diagnosis.target}: ", "bold"), (verdict(diagnosis), style)))
    yield _Wrapped(Text(watched(diagnosis.watched)))
    if diagnosis.has_findings():
        yield Text("torchcamp start opens the lessons.", "dim")
    yield from _notes(diagnosis)
    cut = loops_cut(diagnosis)
    yield from _list("Loops ended early, as if their data had run out", [cut] if cut else [])
    yield from _list("Stand-ins for what is not here", diagnosis.stand_ins)
    yield from _list("Blocked", diagnosis.blocked)
    yield from _list("Not watched", diagnosis.not_watched)
    yield from _list(
        "Silenced by a comment", [_place(diagnosis, each) for each in diagnosis.ignored]
    )


def explanations(codes: Iterable[Code]) -> Iterator[RenderableType]:
    """Each code with its effect, its mend and an example, the errors first."""
    codes = list(codes)
    for severity in SEVERITIES:
        group = [code for code in codes if code.severity == severity]
        if not group:
            continue
        yield Text(PLURALS[severity], STYLES[severity])
        for code in group:
            yield _Wrapped(Text.assemble((f"\n{code.code}", "bold"), f"  {code.title}"))
            yield _indented(Text(code.effect))
            yield _indented(_labelled("Mend", code.mend))
            yield _indented(_labelled("Lesson", lesson_titles()[code.lesson], "dim"))
            for label, lines in (("Wrong", code.wrong), ("Right", code.right)):
                yield _indented(Text(f"{label}:", "red" if label == "Wrong" else "green"))
                yield _Wrapped(_coloured(lines), indent=4)
        yield Text()


# --- A finding -------------------------------------------------------------------------


def _finding(diagnosis: Diagnosis, finding: Finding) -> RenderableType:
    head = Text.assemble(
        (place(diagnosis, finding.file, finding.line), "bold"), "  ",
        (finding.severity, STYLES[finding.severity]), "  ", (finding.code, "bold"),
        (f"  {how_often(finding)}".rstrip(), "dim"),
    )  # fmt: skip
    return Group(
        _Wrapped(head),
        *_quotes(diagnosis, finding),
        _indented(Text(str(finding.evidence["words"]))),
        _indented(Text(finding.effect)),
        _indented(_labelled("Mend", finding.mend)),
        _indented(_labelled("Lesson", lesson_titles()[finding.lesson], "dim")),
        Text(),
    )


def _quotes(diagnosis: Diagnosis, finding: Finding) -> Iterator[RenderableType]:
    """The finding's line and the related ones, as they stand in the files."""
    here = Place(file=finding.file, line=finding.line)
    places = sorted({(each.file, each.line) for each in [here, *finding.related]})
    names = {
        each: str(each[1])
        if each[0] == finding.file and finding.cell is None
        else place(diagnosis, *each).removeprefix(f"{finding.file} ")
        for each in places
    }
    width = max(len(name) for name in names.values())
    for each, name in names.items():
        text = source_line(diagnosis, *each)
        if text is None:
            continue
        is_here = each == (here.file, here.line)
        gutter = (f"  {'>' if is_here else ' '} {name:>{width}} | ", "bold" if is_here else "dim")
        line = Text.assemble(gutter, _coloured(text.strip()) if is_here else (text.strip(), "dim"))
        line.no_wrap, line.overflow = True, "ellipsis"
        yield line


def _notes(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    """Notes, in one paragraph each."""
    notes = [finding for finding in diagnosis.findings if finding.severity == "note"]
    if not notes:
        return
    number = counted(len(notes), "note")
    yield _Wrapped(Text(f"\n{number}; torchcamp doctor --list CODE explains one:"))
    for note in notes:
        words = Text.assemble(
            (_place(diagnosis, note), STYLES["note"]), f"  {note.evidence['words']}"
        )
        yield _indented(words)


def _place(diagnosis: Diagnosis, finding: Finding) -> str:
    return f"{place(diagnosis, finding.file, finding.line)}  {finding.code}"


def _list(heading: str, words: list[str]) -> Iterator[RenderableType]:
    if words:
        yield _Wrapped(Text(f"\n{heading}:"))
        yield from (_indented(Text(each, "dim")) for each in words)


# --- Parts -----------------------------------------------------------------------------


def _labelled(label: str, words: str, style: str = "") -> Text:
    return Text.assemble((f"{label}: ", style or "bold green"), (words, style))


@dataclass(frozen=True)
class _Wrapped:
    """Text that is indented where it is wrapped too; unlike rich's padding, without trailing spaces."""

    text: Text
    indent: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        for line in self.text.wrap(
            console, max(options.max_width - self.indent, 1), overflow="fold"
        ):
            line.rstrip()
            yield Text(" " * self.indent) + line


def _indented(text: Text) -> _Wrapped:
    """Below a head."""
    return _Wrapped(text, indent=2)


def _coloured(code: str) -> Text:
    text = Syntax("", "python", theme="ansi_dark").highlight(code)
    text.rstrip()
    text.no_wrap, text.overflow = False, "fold"
    return text


def _print(parts: Iterable[RenderableType]) -> None:
    console = open_console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPED
    console.width = min(console.width, MAX_WIDTH)
    for part in parts:
        console.print(part)
