"""A reading, or an outline, as a listing on a terminal."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from torchcamp.base.terminal import open_console
from torchcamp.pages.numbers import amount, counted, duration, size
from torchcamp.reading.folding import FEW, fold_layers, fold_names
from torchcamp.reading.outline import FileOutline
from torchcamp.reading.reading import (
    Cost,
    Crash,
    Input,
    Layer,
    Line,
    Reading,
    Skipped,
    Totals,
    Value,
    Weight,
    Work,
)

WIDE = 120  # columns of a terminal that a table fits into
PIPED_WIDTH = 80  # columns where the output is not a terminal and COLUMNS says nothing
GAP = 2  # columns between those of a table
GUTTER = 7  # columns of a line's number where there is no table
BELOW = 4  # columns by which what a line did stands further in than the line
NUMBERS = ("FLOPs", "backward", "time", "kept")
FOLD = 6  # statements in a row that did not run, from which on they are folded
HOLD = "\N{NO-BREAK SPACE}"  # between a number and its unit
BETWEEN = ("else", "except", "finally", "#", "@")  # lines without a statement that say something


@dataclass(frozen=True, kw_only=True)
class ListedRow:
    """One row of a listing."""

    line: str = ""
    source: Text
    shapes: Text | None = None
    """What it bound; None for a row that stands by itself, such as a comment."""
    numbers: list[Text] = field(default_factory=list)
    """One for each of `NUMBERS`."""


def print_reading(reading: Reading) -> None:
    """Print a reading; through the pager where it is longer than the terminal.

    As wide as COLUMNS says, else as the terminal is, else `PIPED_WIDTH`.
    """
    console = open_console(highlight=False)
    print_parts(console, listing(reading, output_width(console)))


def output_width(console: Console) -> int:
    """Columns to print into; the console's own width becomes the same."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked) > 0:
        console.width = int(asked)
    elif not console.is_terminal:  # rich would ask standard input how wide it is
        console.width = PIPED_WIDTH
    return console.width


def print_parts(console: Console, made: Iterator[RenderableType]) -> None:
    """Print what was made for the console; through the pager where it is longer than the terminal."""
    parts = list(made)
    if console.is_terminal:
        with console.capture() as capture:
            for part in parts:
                console.print(part)
        if capture.get().count("\n") > console.height:
            with console.pager(styles=True):
                for part in parts:
                    console.print(part)
            return
    for part in parts:
        console.print(part)


def print_outline(entries: Sequence[FileOutline]) -> None:
    """Print what can be read in some files."""
    console = open_console(soft_wrap=True, highlight=False)
    for entry in entries:
        console.print(Text(entry.file, "bold"))
        if entry.problem:
            console.print(Text(f"  {entry.problem}", "red"))
        for model in entry.classes:
            console.print(Text(f"  {model.line:>5}  {model.name}({', '.join(model.parameters)})"))
            console.print(Text(f"         {model.command}", "cyan"))
        for loss in entry.losses:
            console.print(Text(f"  {loss.line:>5}  loss       {loss.source}", "dim"))
        for optimizer in entry.optimizers:
            owns = f"owns {optimizer.owns}" if optimizer.owns else ""
            console.print(
                Text(f"  {optimizer.line:>5}  optimizer  {optimizer.source}  {owns}", "dim")
            )


def listing(reading: Reading, width: int) -> Iterator[RenderableType]:
    """A head, one table for each function, and remarks at the end, for `width` columns."""
    yield wrapped(_head(reading), width)
    for lines in reading.functions():
        yield _function(reading, lines, width)
    remarks = _remarks(reading)
    if remarks:
        yield wrapped(remarks, width)


def wrapped(text: Text, width: int, indent: int = 0) -> Text:
    """`text` in lines of at most `width` columns, broken between words.

    A word that is longer breaks after a dot, comma, bracket, slash, underscore or equals sign;
    where it has none, at the edge. `HOLD` is printed as a space and not broken at.

    Args:
        indent: how much further in a line goes on than it began.
    """
    lines = []
    for line in text.split("\n", allow_blank=True):
        stem = len(line.plain) - len(line.plain.lstrip(" "))
        first = True
        while True:
            margin = 0 if first else min(stem + indent, 2 * width // 3)
            cut = _cut(line.plain, width - margin)
            head, rest = (line, None) if cut is None else line.divide([cut])
            if rest is not None:
                head.rstrip()
            lines.append(Text(" " * margin) + head)
            if rest is None:
                break
            line = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
            first = False
    joined = Text("\n", no_wrap=True).join(lines)
    joined.plain = joined.plain.replace(HOLD, " ")
    return joined


def _cut(plain: str, width: int) -> int | None:
    """Where a line that is too long ends; None where all of it fits."""
    if cell_len(plain) <= width:
        return None
    end = 0  # how many characters fit
    while end < len(plain) and cell_len(plain[: end + 1]) <= width:
        end += 1
    begin = len(plain) - len(plain.lstrip(" "))
    spaces = [m.end() for m in re.finditer(" +", plain[begin:]) if begin + m.start() <= end]
    if spaces:
        return begin + spaces[-1]
    inside = [m.end() for m in re.finditer(rf"[.,(\[{{/_={HOLD}]", plain[:end]) if m.end() > begin]
    return inside[-1] if inside else max(end, 1)


def shape_words(shape: Sequence[int]) -> str:
    """`(2, 16)`, `(4,)`, `()`, `(2, *, 4)` where a side is ragged; not to be broken."""
    return f"({f',{HOLD}'.join(map(str, shape))}{',' * (len(shape) == 1)})"


# --- Head and remarks ------------------------------------------------------------------


def _head(reading: Reading) -> Text:
    totals = reading.totals
    head = Text(reading.target, "bold")
    head.append(f"\ninput {input_words(reading)}", "default")
    if reading.input_words.startswith("guessed"):
        head.append(f"  ({reading.input_words})", "yellow")
    for note in reading.notes:
        head.append(f"\n{note}", "yellow")
    facts = [
        parameter_words(totals),
        f"{amount(totals.flops_forward) or '0'} FLOPs forward, "
        f"{amount(totals.flops_backward) or '0'} backward",
        f"{counted(totals.ops, 'operation')}, {counted(totals.nodes, 'node')} on the tape",
        f"{size(totals.peak_bytes)} of tensors at the peak",
    ]
    if totals.forward_seconds is not None:
        facts.append(f"{duration(totals.forward_seconds)} forward")
    left_out = reading.without_gradient()
    if left_out:
        head.append(f"\n{no_gradient_words(left_out)}", "yellow")
    head.append("\n" + _facts(facts) + "\n" + f"backward: {reading.backward}", "dim")
    return head


def parameter_words(totals: Totals) -> str:
    """`1,000 parameters`, with those that are frozen where there are any."""
    frozen = totals.parameters - totals.trainable
    words = counted(totals.parameters, "parameter")
    return f"{words}, {frozen:,} of them frozen" if frozen else words


def no_gradient_words(weights: list[Weight]) -> str:
    """Which parameters the backward pass left out, in one sentence."""
    names = fold_names([weight.name for weight in weights])
    more = f" and {counted(len(names) - FEW, 'other')}" if len(names) > FEW else ""
    return f"no gradient arrived at {', '.join(names[:FEW])}{more}"


def _facts(facts: list[str]) -> str:
    return " · ".join(fact.replace(" ", HOLD) for fact in facts)


def input_words(reading: Reading) -> str:
    """`(2, 3) float32, mask None`."""
    return ", ".join(map(_input, reading.input)) or "none"


def _input(entry: Input) -> str:
    name = f"{entry.name} " if entry.name else ""
    if entry.shape is not None:
        return f"{name}{shape_words(entry.shape)} {entry.dtype}"
    return f"{name}{entry.value}"


def _remarks(reading: Reading) -> Text:
    """The crash, and what was skipped, blocked and not seen."""
    remarks = crash_words(reading.crash) if reading.crash else Text()
    skipped = reading.skipped_statements
    if skipped:
        num_ran = reading.num_kept or 0
        remarks.append(f"\nran {num_ran} of {num_ran + len(skipped)} top-level statements; ", "dim")
        remarks.append(f"skipped lines {', '.join(map(_range, skipped))}\n", "dim")
    for sentence in reading.blocked:
        remarks.append(f"blocked: {sentence}\n", "yellow")
    for sentence in reading.not_seen:
        remarks.append(f"not seen: {sentence}\n", "yellow")
    return remarks


def crash_words(crash: Crash) -> Text:
    """Where it failed, the shapes there, and the parameter that it met."""
    words = Text()
    where = f"{crash.file}:{crash.line}" if crash.line else "outside of your code"
    words.append(f"\nfails at {where} in the {crash.phase} pass\n", "bold red")
    words.append(f"  {crash.message}\n", "red")
    for name, shape in crash.shapes.items():
        words.append(f"  {name} {shape_words(shape)}\n")
    if crash.parameter:
        met = f"{crash.parameter.name} {shape_words(crash.parameter.shape)}"
        words.append(f"  it met {met}\n", "yellow")
    return words


def _range(skipped: Skipped) -> str:
    if skipped.end_line > skipped.line:
        return f"{skipped.line}-{skipped.end_line}"
    return str(skipped.line)


# --- The table of a function -----------------------------------------------------------


def _function(reading: Reading, lines: list[Line], width: int) -> RenderableType:
    first = lines[0]
    title = Text(f"\n{first.function or 'outside of functions'}", "bold")
    title.append(f"  {first.file}:{first.line}", "dim")
    if first.kind == "def" and first.calls > 1:
        title.append(f"  {first.calls} calls", "dim")
    rows = list(listed_rows(reading, lines))
    shown = [_table(rows, width)] if width >= WIDE else _stacked(rows, width)
    return Group(wrapped(title, width, GAP), *shown)


def listed_rows(reading: Reading, lines: list[Line]) -> Iterator[ListedRow]:
    """The statements of a function and the comments between them; what did not run is folded."""
    text = reading.files[lines[0].file]
    indent = min(len(line.source) - len(line.source.lstrip()) for line in lines)
    crash = reading.crash
    last: int | None = None  # line that has been dealt with
    num_folded = 0
    for index, line in enumerate(lines):
        following = [other.executed for other in lines[index : index + FOLD]]
        if not line.executed and (num_folded or (not any(following) and len(following) == FOLD)):
            num_folded += 1
            last = line.end_line
            continue
        if num_folded:
            yield _folded(num_folded)
            num_folded = 0
        for number in range((last or line.line) + 1, line.line):
            if text[number - 1].strip().startswith(BETWEEN):
                yield ListedRow(
                    line=str(number), source=coloured_source(text[number - 1], indent, "dim")
                )
        last = line.end_line
        if _is_docstring(line):
            yield ListedRow(
                line=str(line.line),
                source=coloured_source(line.source.splitlines()[0], indent, "dim"),
            )
            continue
        failed = crash and crash.file == line.file and line.line <= (crash.line or 0) <= last
        style = "bold red" if failed else "" if line.executed else "dim"
        yield ListedRow(
            line=str(line.line),
            source=coloured_source(line.source.rstrip(), indent, style),
            shapes=_line_shapes(line),
            numbers=_numbers(line.with_calls or line, bool(line.not_counted)),
        )
        for layer in fold_layers(line.children):
            name = f"  {layer.path} {layer.layer}"
            yield ListedRow(
                source=Text(name, "cyan"),
                shapes=_layer_shapes(layer),
                numbers=_numbers(layer, False),
            )
    if num_folded:
        yield _folded(num_folded)


def _folded(number: int) -> ListedRow:
    return ListedRow(source=Text(f"… {number} statements not run", "dim italic"))


def coloured_source(code: str, indent: int, style: str = "") -> Text:
    """Source without its indentation, highlighted where no style is given."""
    code = "\n".join(line[indent:] for line in code.splitlines())
    if style:
        return Text(code, style)
    highlighted = Syntax("", "python", theme="ansi_dark").highlight(code)
    highlighted.rstrip()
    return highlighted


def _is_docstring(line: Line) -> bool:
    return line.source.lstrip().startswith(('"""', "'''", 'r"""')) and not line.ops


def _table(rows: list[ListedRow], width: int) -> Table:
    """Numbers get what they need; source and shapes share the rest, the source half at least."""
    taken = len("line") + GAP
    for column, name in enumerate(NUMBERS):
        cells = [row.numbers[column].cell_len for row in rows if row.numbers]
        taken += GAP + max([len(name), *cells])
    left = width - taken - GAP
    shapes = max((_widest(row.shapes) for row in rows if row.shapes), default=0)
    source = min(max(_widest(row.source) for row in rows), max(left // 2, left - shapes))
    shapes = left - source
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, GAP, 0, 0))
    table.add_column("line", justify="right", style="dim")
    table.add_column("source", width=source)
    table.add_column("shapes", width=shapes)
    for name in NUMBERS:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        below = row.shapes and wrapped(row.shapes, shapes, GAP)
        table.add_row(row.line, wrapped(row.source, source, BELOW), below, *row.numbers)
    return table


def _widest(text: Text) -> int:
    return max(cell_len(line) for line in text.plain.split("\n"))


def _stacked(rows: list[ListedRow], width: int) -> Iterator[RenderableType]:
    """For a narrow terminal: what a line did is printed below it."""
    for row in rows:
        gutter = Text(f"{row.line:>{GUTTER - 2}}  ", "dim")
        source = wrapped(row.source, width - GUTTER, BELOW)
        for index, line in enumerate(source.split("\n")):
            yield (gutter if index == 0 else Text(" " * GUTTER)) + line
        if row.shapes is None:
            continue
        below = row.shapes.copy()
        numbers = [
            f"{name} {number}" for name, number in zip(NUMBERS, row.numbers, strict=True) if number
        ]
        if numbers:
            below.append(("\n" if below else "") + _facts(numbers), "dim")
        if below:
            margin = GUTTER + BELOW + GAP
            for line in wrapped(below, width - margin, GAP).split("\n"):
                yield Text(" " * margin) + line


# --- Cells -----------------------------------------------------------------------------


def _line_shapes(line: Line) -> Text:
    """What a statement read and bound, how often it ran, its parameters and nodes."""
    cell = Text()
    given = {value.shape for value in line.reads}
    if line.values and len(given) == 1 and line.kind != "def":
        (only,) = given
        if any(value.shape != only for value in line.values):
            cell.append(f"{shape_words(only)} → ", "dim")
    _add_values(cell, line.values)
    if line.body_runs is not None and line.executed:
        if line.kind == "if":
            cell.append(_taken(line.body_runs, line.calls), "magenta")
        else:
            cell.append(f" {line.body_runs} times round", "magenta")
    elif not line.values and line.calls > 1:
        cell.append(f"×{line.calls}", "magenta")
    if line.params:
        names = fold_names(line.params)
        more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
        cell.append(f"\n{', '.join(names[:FEW])}{more}", "dim")
    if line.nodes:
        cell.append(f"\ntape {_nodes(line.nodes)}", "dim blue")
    if line.recomputed:
        cell.append("\nruns again for the backward pass (recompute)", "yellow")
    if line.not_counted:
        cell.append(f"\nFLOPs not counted: {', '.join(line.not_counted)}", "yellow")
    return cell


def _layer_shapes(layer: Layer) -> Text:
    cell = Text()
    _add_values(cell, layer.values)
    if not layer.values and layer.calls > 1:
        cell.append(f"×{layer.calls}", "magenta")
    return cell


def _add_values(cell: Text, values: list[Value]) -> None:
    for number, value in enumerate(values):
        cell.append(", " if number else "")
        cell.append(f"{value.name} " if value.name else "", "green")
        cell.append(shape_words(value.shape))
        if value.dtype != "float32":
            cell.append(f" {value.dtype}", "dim")
        if value.device != "cpu":
            cell.append(f" {value.device}", "dim")
        if value.count > 1:
            cell.append(f"{HOLD}×{value.count}", "magenta")


def _numbers(cost: Cost | Work | Layer, unknown: bool) -> list[Text]:
    """The cells under `NUMBERS`; grey where they include functions that have rows of their own."""
    share = cost.seconds_share
    cells = [
        amount(int(cost.flops_forward), unknown),
        amount(int(cost.flops_backward), unknown),
        f"{100 * share:.0f} %" if share >= 0.005 else "",
        size(int(cost.saved_bytes)) if cost.saved_bytes else "",
    ]
    return [Text(cell, "dim" if isinstance(cost, Cost) else "") for cell in cells]


def _taken(runs: int, calls: int) -> str:
    if calls <= 1:
        return " taken" if runs else " not taken"
    return f" taken {runs} of {calls} times"


def _nodes(names: list[str]) -> str:
    counted: dict[str, int] = {}
    for name in names:
        short = name.rstrip("0123456789").removesuffix("Backward")
        counted[short] = counted.get(short, 0) + 1
    return ", ".join(name if n == 1 else f"{name}{HOLD}×{n}" for name, n in counted.items())
