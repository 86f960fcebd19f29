"""A reading, or two compared, as Markdown: tables to paste into an issue or a pull request."""

import re
from collections.abc import Iterable, Iterator

from torchcamp.pages.numbers import amount, counted, duration, size
from torchcamp.reading.difference import Difference, Entry, Pair
from torchcamp.reading.reading import Line, Reading
from torchcamp.reading.terminal import (
    HOLD,
    NUMBERS,
    input_words,
    listed_rows,
    no_gradient_words,
    parameter_words,
)

MARKS = {"≠": "changed", "+": "new", "-": "gone", " ": ""}


def markdown_of(reading: Reading) -> str:
    """The head of a reading and one table for each function."""
    return "\n".join([*_head(reading), *_tables(reading)]) + "\n"


def markdown_of_difference(difference: Difference) -> str:
    """What differs between two readings: the sums, the parameters and the statements."""
    before, after = difference.before, difference.after
    lines = [f"### {_code(before.target)} → {_code(after.target)}", ""]
    lines += [*_crash(before), *_crash(after)]
    lines += _table(
        ["", "before", "after"],
        [
            [entry.name, _text(entry.before), f"**{_text(entry.after)}**"]
            if entry.differs
            else [entry.name, _text(entry.before), _text(entry.after)]
            for entry in difference.sums
        ],
        "lrr",
    )
    if difference.weights:
        rows = [
            [
                _code(weight.name) + (f" ×{weight.count}" if weight.count > 1 else ""),
                _text(weight.before or ""),
                _text(weight.after or ""),
            ]
            for weight in difference.weights
        ]
        lines += ["", *_table(["parameter", "before", "after"], rows, "lll")]
    for function in difference.functions:
        name = _text(function.after or function.before or "outside of functions")
        if not function.differs:
            lines += ["", f"**{name}**: no difference"]
            continue
        rows = [_compared(pair) for pair in function.pairs if pair.mark != " "]
        lines += ["", f"**{name}**", "", *_table(["", "before", "after"], rows, "lll")]
    return "\n".join(lines) + "\n"


def _head(reading: Reading) -> Iterator[str]:
    totals = reading.totals
    yield f"### {_code(reading.target)}"
    yield ""
    yield from _crash(reading)
    yield f"input {_text(input_words(reading))}, backward {_text(reading.backward)}"
    yield ""
    facts = [
        parameter_words(totals),
        f"{amount(totals.flops_forward) or '0'} FLOPs forward",
        f"{amount(totals.flops_backward) or '0'} backward",
        f"{counted(totals.nodes, 'node')} on the tape",
        f"{size(totals.peak_bytes)} of tensors at the peak",
    ]
    if totals.forward_seconds is not None:
        facts.append(f"{duration(totals.forward_seconds)} forward")
    yield " · ".join(facts)
    left_out = reading.without_gradient()
    for sentence in [no_gradient_words(left_out)] if left_out else []:
        yield f"\n{_text(sentence)}"


def _crash(reading: Reading) -> Iterator[str]:
    crash = reading.crash
    if crash:
        where = f"{crash.file}:{crash.line}" if crash.line else "outside of your code"
        shapes = ", ".join(f"{name} {tuple(shape)}" for name, shape in crash.shapes.items())
        there = f" There: {_text(shapes)}." if shapes else ""
        yield f"**Fails at {_text(where)}: {_text(crash.message)}.**{there}"
        yield ""


def _tables(reading: Reading) -> Iterator[str]:
    for lines in reading.functions():
        yield ""
        yield _title(lines)
        yield ""
        rows = []
        for row in listed_rows(reading, lines):
            shapes = row.shapes.plain.split("\n") if row.shapes else []
            said = [words for words in shapes if words and not words.startswith("tape ")]
            numbers = [number.plain for number in row.numbers] or [""] * len(NUMBERS)
            source = row.source.plain
            cell = f"*{_text(source)}*" if source.startswith("… ") else _code(source)
            rows.append([row.line, cell, "<br>".join(map(_text, said)), *numbers])
        yield from _table(["line", "source", "shapes", *NUMBERS], rows, "rll" + "r" * len(NUMBERS))


def _title(lines: list[Line]) -> str:
    first = lines[0]
    times = f", {first.calls} calls" if first.kind == "def" and first.calls > 1 else ""
    name = _text(first.function or "outside of functions")
    return f"**{name}** {_code(f'{first.file}:{first.line}')}{times}"


def _compared(pair: Pair) -> list[str]:
    return [MARKS[pair.mark], _side(pair.before, pair.changed), _side(pair.after, pair.changed)]


def _side(entry: Entry | None, changed: list[str]) -> str:
    """A statement and the facts that differ; all of them where it has no other side."""
    if entry is None:
        return ""
    number = f"{entry.line} " if entry.line else ""
    facts = {name: words for name, words in entry.facts.items() if not changed or name in changed}
    said = [
        _text(words) if name == "shapes" else _text(name if words == "yes" else f"{name} {words}")
        for name, words in facts.items()
    ]
    return "<br>".join([f"{number}{_code(entry.source.strip())}", *said])


def _table(head: list[str], rows: Iterable[list[str]], sides: str) -> Iterator[str]:
    """A table; `sides` has an `l` or an `r` for each column."""
    yield _line(head)
    yield _line(["---:" if side == "r" else "---" for side in sides])
    for row in rows:
        yield _line(row)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _text(words: str) -> str:
    """Words that Markdown leaves as they are."""
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", words.replace(HOLD, " "))


def _code(source: str) -> str:
    """Source on one line, between backticks of which it holds none; a table's bar is escaped."""
    words = re.sub(r"\s*\n\s*", " ", source.rstrip()).replace("|", "\\|")
    fence = "`"
    while fence in words:
        fence += "`"
    edge = " " if "`" in words or words.startswith(" ") else ""
    return f"{fence}{edge}{words}{edge}{fence}"
