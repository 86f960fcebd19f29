"""Two readings compared, on a terminal: side by side where it is wide, else one below the other."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from torchcamp.base.terminal import open_console
from torchcamp.pages.numbers import counted
from torchcamp.reading.difference import Difference, Entry, FunctionPair, Pair
from torchcamp.reading.terminal import (
    BELOW,
    FOLD,
    GAP,
    HOLD,
    WIDE,
    coloured_source,
    crash_words,
    output_width,
    print_parts,
    wrapped,
)

STYLES = {"≠": "yellow", "+": "green", "-": "red", " ": "dim"}
AROUND = 2  # equal statements that are shown beside one that changed
NUMBER = 5  # columns of a line's number


def print_difference(difference: Difference) -> None:
    """Print what differs between two readings, as wide as `print_reading` does."""
    console = open_console(highlight=False)
    print_parts(console, comparison(difference, output_width(console)))


def comparison(difference: Difference, width: int) -> Iterator[RenderableType]:
    """The sums, the parameters and the functions that differ, for `width` columns."""
    before, after = difference.before, difference.after
    head = Text.assemble((f"- {before.target}\n", "red"), (f"+ {after.target}", "green"))
    yield wrapped(head, width, GAP)
    for reading in (before, after):
        if reading.crash:
            yield wrapped(crash_words(reading.crash), width, GAP)
    yield _sums(difference, width)
    for weight in difference.weights:
        mark = "+" if weight.before is None else "-" if weight.after is None else "≠"
        times = f"{HOLD}×{weight.count}" if weight.count > 1 else ""
        words = " → ".join(side for side in (weight.before, weight.after) if side is not None)
        yield wrapped(Text(f"{mark} {weight.name}{times}  {words}", STYLES[mark]), width, GAP)
    for function in difference.functions:
        yield from _function(function, width)


def _sums(difference: Difference, width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, GAP, 0, 0))
    for name in ("", "", "before", "after"):
        table.add_column(name, justify="right" if name else "left")
    for entry in difference.sums:
        style = STYLES["≠"] if entry.differs else ""
        room = max(8, (width - 24) // 2 - GAP)
        sides = [wrapped(Text(words, style), room) for words in (entry.before, entry.after)]
        table.add_row(Text("≠" if entry.differs else " ", style), entry.name, *sides)
    return table


def _function(function: FunctionPair, width: int) -> Iterator[RenderableType]:
    names = list(dict.fromkeys(name for name in (function.before, function.after) if name))
    title = Text(f"\n{' → '.join(names) or 'outside of functions'}", "bold")
    if not function.differs:
        title.append("  no difference", "not bold dim")
    yield wrapped(title, width, GAP)
    if not function.differs:
        return
    shown = list(_shown(function.pairs))
    yield _table(shown, width) if width >= WIDE else Group(*_stacked(shown, width))


def _shown(pairs: list[Pair]) -> Iterator[Pair | int]:
    """The pairs; a number for so many equal ones in a row that none of them stands beside a change."""
    near = [
        any(pair.mark != " " for pair in pairs[max(0, place - AROUND) : place + AROUND + 1])
        for place in range(len(pairs))
    ]
    place = 0
    while place < len(pairs):
        end = place
        while end < len(pairs) and not near[end]:
            end += 1
        if end - place >= FOLD - AROUND:
            yield end - place
            place = end
        else:
            yield from pairs[place : max(end, place + 1)]
            place = max(end, place + 1)


def _table(shown: list[Pair | int], width: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=False)
    room = (width - 3 - 3 * GAP) // 2
    table.add_column(width=room)
    table.add_column(width=1)
    table.add_column(width=room)
    for pair in shown:
        if isinstance(pair, int):
            table.add_row(_equal(pair), "", "")
            continue
        sides = [_side(entry, pair, room) for entry in (pair.before, pair.after)]
        table.add_row(sides[0], Text(pair.mark, STYLES[pair.mark]), sides[1])
    return table


def _stacked(shown: list[Pair | int], width: int) -> Iterator[Text]:
    """Source that changed is shown twice; of a line that did something else, what it did is."""
    for pair in shown:
        if isinstance(pair, int):
            yield _equal(pair)
            continue
        if pair.mark == " ":
            yield _lined(" ", _side(pair.after, pair, width - GAP), "dim")
            continue
        kept = pair.before and pair.after and "source" not in pair.changed
        if kept:
            yield _lined("≠", _code(pair.after, "", width - GAP), STYLES["≠"])
        for mark, entry in (("-", pair.before), ("+", pair.after)):
            text = _facts(entry, pair, width - GAP) if kept else _side(entry, pair, width - GAP)
            if text:
                yield _lined(mark, text, STYLES[mark])


def _lined(mark: str, text: Text, style: str) -> Text:
    """Each line of `text` behind a mark."""
    lines = text.split("\n", allow_blank=True)
    return Text("\n").join([Text.assemble((f"{mark} ", style), line) for line in lines])


def _equal(number: int) -> Text:
    return Text(f"  … {counted(number, 'statement')} as before", "dim italic")


def _side(entry: Entry | None, pair: Pair, width: int) -> Text:
    """A statement and below it what it did: what differs, or all where it is new or gone."""
    if entry is None:
        return Text("")
    code = _code(entry, "dim" if pair.mark == " " else "", width)
    facts = _facts(entry, pair, width)
    return Text("\n").join([code, facts]) if facts else code


def _code(entry: Entry | None, style: str, width: int) -> Text:
    """A statement behind the number of its line."""
    if entry is None:
        return Text("")
    number = "" if entry.line is None else str(entry.line)
    source = wrapped(coloured_source(entry.source, 0, style), width - NUMBER - GAP, BELOW)
    lines = [
        Text.assemble((f"{number if place == 0 else '':>{NUMBER}}  ", "dim"), line)
        for place, line in enumerate(source.split("\n", allow_blank=True))
    ]
    return Text("\n").join(lines)


def _facts(entry: Entry | None, pair: Pair, width: int) -> Text:
    """What a statement did, as far as it did something else on the other side."""
    margin = NUMBER + GAP + BELOW
    lines: list[Text] = []
    for name, words in entry.facts.items() if entry else []:
        if pair.mark == " " or (pair.changed and name not in pair.changed):
            continue
        said = words if name == "shapes" else name if words == "yes" else f"{name} {words}"
        lines += [
            Text(" " * margin) + line
            for line in wrapped(Text(said, STYLES[pair.mark]), width - margin, GAP).split("\n")
        ]
    return Text("\n").join(lines)
