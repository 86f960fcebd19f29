"""A diagnosis as one self-contained page: the script's source with the findings beside their lines."""

import os
from collections import defaultdict
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from torchcamp.doctor.codes import CODES, Code, lesson_titles
from torchcamp.doctor.diagnosis import Diagnosis, Finding
from torchcamp.doctor.words import ended, how_often, place, verdict
from torchcamp.pages.page import render_page
from torchcamp.reading.page import CodeLine, code_lines, coloured

AROUND = 8  # lines shown before and after a finding; what lies further away is folded
SHORT = 120  # lines of a file up to which nothing is folded


@dataclass(frozen=True, kw_only=True)
class Card:
    """A finding, ready for the template."""

    number: int
    """By which the list on top, the line and the card are told to belong together."""
    finding: Finding
    code: Code
    how_often: str
    lesson: str
    measured: str
    """The numbers behind the words."""
    wrong: Markup
    right: Markup


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    """A line of a script, in colours."""

    number: int
    code: CodeLine
    cards: list[Card]
    related: bool
    """A finding on another line points here."""
    cut: int | None
    """Rounds after which the loop that begins here was ended."""


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
    has_cards: bool


def render_diagnosis(diagnosis: Diagnosis) -> str:
    """The page of a diagnosis; everything on it is inside the file."""
    cards = [_card(number, finding) for number, finding in enumerate(diagnosis.findings, start=1)]
    mentioned = {finding.file for finding in diagnosis.findings}
    mentioned |= {place.file for finding in diagnosis.findings for place in finding.related}
    names = [name for name in diagnosis.sources if name in mentioned or _is_target(diagnosis, name)]
    names.sort(key=lambda name: -sum(finding.file == name for finding in diagnosis.findings))
    files = [_file(diagnosis, name, index, cards) for index, name in enumerate(names)]
    placed = {
        card.number
        for file in files
        for stretch in file.stretches
        for line in stretch.lines
        for card in line.cards
    }
    return render_page(
        "doctor/doctor.html",
        title=diagnosis.target,
        diagnosis=diagnosis,
        verdict=verdict(diagnosis),
        is_good=not (diagnosis.has_findings() or diagnosis.could_not_run()),
        ended=ended(diagnosis.watched),
        cards=cards,
        files=files,
        place_words=partial(place, diagnosis),
        elsewhere=[card for card in cards if card.number not in placed],
        index={name: index for index, name in enumerate(names)},
        lengths={name: len(diagnosis.sources[name].splitlines()) for name in names},
    )


def _is_target(diagnosis: Diagnosis, name: str) -> bool:
    """Whether a file is the one that was named: `train.py`, `./train.py:main`, `package.train`."""
    target = diagnosis.target
    file = target.partition(".py:")[0] + ".py" if ".py:" in target else target
    module = target.replace(".", os.sep)
    candidates = (file, f"{module}.py", os.path.join(module, "__main__.py"))
    return os.path.abspath(name) in map(os.path.abspath, candidates)


def _card(number: int, finding: Finding) -> Card:
    code = CODES[finding.code]
    return Card(
        number=number,
        finding=finding,
        code=code,
        how_often=how_often(finding),
        lesson=lesson_titles()[finding.lesson],
        measured=" · ".join(
            f"{name} {value}"
            for name, value in finding.evidence.items()
            if name != "words" and value is not None
        ),
        wrong=Markup("\n".join(coloured(code.wrong)).rstrip("\n")),
        right=Markup("\n".join(coloured(code.right)).rstrip("\n")),
    )


def _file(diagnosis: Diagnosis, name: str, index: int, cards: list[Card]) -> SourceFile:
    found: dict[int, list[Card]] = defaultdict(list)
    for card in cards:
        if card.finding.file == name:
            found[card.finding.line].append(card)
    related = {
        place.line
        for finding in diagnosis.findings
        for place in finding.related
        if place.file == name
    }
    cut = {each.line: each.after for each in diagnosis.cut if each.file == name}
    text = diagnosis.sources[name].rstrip("\n").expandtabs(4)
    lines = [
        SourceLine(
            number=number,
            code=code,
            cards=found[number],
            related=number in related,
            cut=cut.get(number),
        )
        for number, code in enumerate(code_lines(text), start=1)
    ]
    return SourceFile(
        name=name,
        index=index,
        has_cards=any(line.cards for line in lines),
        stretches=_stretches(lines),
    )


def _stretches(lines: list[SourceLine]) -> list[Stretch]:
    """Fold what is far from every finding, in a long file that has findings."""
    marked = [line.number for line in lines if line.cards or line.related]
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
