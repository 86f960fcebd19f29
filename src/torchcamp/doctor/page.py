"""A diagnosis as one self-contained page: the script's source with the findings beside their lines."""

from collections import defaultdict
from dataclasses import dataclass

from markupsafe import Markup

from torchcamp.doctor.codes import lesson_titles
from torchcamp.doctor.diagnosis import Diagnosis, Finding
from torchcamp.doctor.terminal import summary
from torchcamp.pages.page import render_page
from torchcamp.reading.page import coloured

AROUND = 8  # lines shown before and after a finding; what lies further away is folded
SHORT = 120  # lines of a file up to which nothing is folded


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    """A line of a script."""

    number: int
    html: Markup
    findings: list[Finding]
    related: bool
    """A finding on another line points here."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Lines in a row, folded where nothing was found near them."""

    lines: list[SourceLine]
    folded: bool


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A file of the user's."""

    name: str
    index: int
    stretches: list[Stretch]


def render_diagnosis(diagnosis: Diagnosis) -> str:
    """The page of a diagnosis; everything on it is inside the file."""
    named = {finding.file for finding in diagnosis.findings}
    names = [name for name in diagnosis.sources if name in named] or list(diagnosis.sources)[:1]
    return render_page(
        "doctor/doctor.html",
        title=diagnosis.target,
        diagnosis=diagnosis,
        summary=summary(diagnosis).plain,
        files=[_file(diagnosis, name, index) for index, name in enumerate(names)],
        index={name: index for index, name in enumerate(names)},
        titles=lesson_titles(),
    )


def _file(diagnosis: Diagnosis, name: str, index: int) -> SourceFile:
    found: dict[int, list[Finding]] = defaultdict(list)
    related: set[int] = set()
    for finding in diagnosis.findings:
        if finding.file == name:
            found[finding.line].append(finding)
        related |= {place.line for place in finding.related if place.file == name}
    text = diagnosis.sources[name].rstrip("\n")
    html = coloured(text)[: text.count("\n") + 1]
    lines = [
        SourceLine(
            number=number, html=Markup(line), findings=found[number], related=number in related
        )
        for number, line in enumerate(html, start=1)
    ]
    return SourceFile(name=name, index=index, stretches=_stretches(lines))


def _stretches(lines: list[SourceLine]) -> list[Stretch]:
    """Fold what is far from every finding, in a long file that has findings."""
    marked = [line.number for line in lines if line.findings or line.related]
    if len(lines) <= SHORT or not marked:
        return [Stretch(lines=lines, folded=False)]
    near = {number for mark in marked for number in range(mark - AROUND, mark + AROUND + 1)}
    stretches: list[Stretch] = []
    for line in lines:
        folded = line.number not in near
        if not stretches or stretches[-1].folded != folded:
            stretches.append(Stretch(lines=[], folded=folded))
        stretches[-1].lines.append(line)
    return stretches
