"""A reading, or an outline, as a listing on a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from torchcamp.pages.numbers import amount, size
from torchcamp.reading.outline import FileOutline
from torchcamp.reading.reading import Cost, Input, Layer, Line, Reading, Skipped, Value, Work

WIDE = 120  # columns of a terminal that a table fits into
FILE_WIDTH = 150  # columns where the output is not a terminal
NUMBERS = ("FLOPs", "backward", "time", "kept")
FOLD = 6  # statements in a row that did not run, from which on they are folded
BETWEEN = ("else", "except", "finally", "#", "@")  # lines without a statement that say something


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One row of a listing."""

    line: str = ""
    source: Text
    shapes: Text | None = None
    """What it bound; None for a row that stands by itself, such as a comment."""
    numbers: list[Text] = field(default_factory=list)
    """One for each of `NUMBERS`."""


def print_reading(reading: Reading) -> None:
    """Print a reading; through the pager where it is longer than the terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = FILE_WIDTH
    parts = list(listing(reading, console.width))
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
    console = Console(soft_wrap=True, highlight=False)
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
    yield _head(reading)
    functions: dict[tuple[str, str | None], list[Line]] = {}
    for line in reading.lines:
        functions.setdefault((line.file, line.function), []).append(line)
    for lines in functions.values():
        yield _function(reading, lines, width)
    remarks = _remarks(reading)
    if remarks:
        yield remarks


def shape_words(shape: Sequence[int]) -> str:
    """`(2, 16)`, `(4,)`, `()`, `(2, j1, 4)` where a side is ragged."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


# --- Head and remarks ------------------------------------------------------------------


def _head(reading: Reading) -> Text:
    totals = reading.totals
    head = Text(reading.target, "bold")
    inputs = ", ".join(_input(entry) for entry in reading.input)
    head.append(f"\ninput {inputs or 'none'}", "default")
    if reading.input_words.startswith("guessed"):
        head.append(f"  ({reading.input_words})", "yellow")
    for note in reading.notes:
        head.append(f"\n{note}", "yellow")
    facts = [
        f"{totals.parameters:,} parameters",
        f"{amount(totals.flops_forward) or '0'} FLOPs forward, "
        f"{amount(totals.flops_backward) or '0'} backward",
        f"{totals.ops} operations, {totals.nodes} nodes on the tape",
        f"{size(totals.peak_bytes)} of tensors at the peak",
    ]
    if totals.forward_seconds is not None:
        facts.append(f"{1000 * totals.forward_seconds:.3g} ms forward")
    head.append("\n" + " · ".join(facts) + "\n" + f"backward: {reading.backward}", "dim")
    return head


def _input(entry: Input) -> str:
    name = f"{entry.name} " if entry.name else ""
    if entry.shape is not None:
        return f"{name}{shape_words(entry.shape)} {entry.dtype}"
    return f"{name}{entry.value}"


def _remarks(reading: Reading) -> Text:
    """The crash, and what was skipped, blocked and not seen."""
    remarks = Text()
    crash = reading.crash
    if crash:
        where = f"{crash.file}:{crash.line}" if crash.line else "outside of your code"
        remarks.append(f"\nfails at {where} in the {crash.phase} pass\n", "bold red")
        remarks.append(f"  {crash.message}\n", "red")
        for name, shape in crash.shapes.items():
            remarks.append(f"  {name} {shape_words(shape)}\n")
        if crash.parameter:
            met = f"{crash.parameter.name} {shape_words(crash.parameter.shape)}"
            remarks.append(f"  it met {met}\n", "yellow")
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
    rows = list(_rows(reading, lines))
    return Group(title, *([_table(rows, width)] if width >= WIDE else _stacked(rows)))


def _rows(reading: Reading, lines: list[Line]) -> Iterator[_Row]:
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
                yield _Row(line=str(number), source=_source(text[number - 1], indent, "dim"))
        last = line.end_line
        if _is_docstring(line):
            yield _Row(
                line=str(line.line), source=_source(line.source.splitlines()[0], indent, "dim")
            )
            continue
        failed = crash and crash.file == line.file and line.line <= (crash.line or 0) <= last
        style = "bold red" if failed else "" if line.executed else "dim"
        yield _Row(
            line=str(line.line),
            source=_source(line.source.rstrip(), indent, style),
            shapes=_line_shapes(line),
            numbers=_numbers(line.with_calls or line, bool(line.not_counted)),
        )
        for layer in line.children:
            name = f"  {layer.path} {layer.layer}"
            yield _Row(
                source=Text(name, "cyan", overflow="ellipsis", no_wrap=True),
                shapes=_layer_shapes(layer),
                numbers=_numbers(layer, False),
            )
    if num_folded:
        yield _folded(num_folded)


def _folded(number: int) -> _Row:
    return _Row(source=Text(f"… {number} statements not run", "dim italic"))


def _source(code: str, indent: int, style: str = "") -> Text:
    """Source without its indentation, highlighted where no style is given."""
    code = "\n".join(line[indent:] for line in code.splitlines())
    if style:
        return Text(code, style)
    highlighted = Syntax("", "python", theme="ansi_dark").highlight(code)
    highlighted.rstrip()
    return highlighted


def _is_docstring(line: Line) -> bool:
    return line.source.lstrip().startswith(('"""', "'''", 'r"""')) and not line.ops


def _table(rows: list[_Row], width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("line", justify="right", style="dim")
    table.add_column("source", min_width=30, max_width=width // 2)
    table.add_column("shapes", overflow="fold")
    for name in NUMBERS:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(row.line, row.source, row.shapes, *row.numbers)
    return table


def _stacked(rows: list[_Row]) -> Iterator[RenderableType]:
    """For a narrow terminal: what a line did is printed below it."""
    for row in rows:
        gutter = Text(f"{row.line:>5}  ", "dim")
        for index, line in enumerate(row.source.split("\n")):
            yield (gutter if index == 0 else Text("       ")) + line
        if row.shapes is None:
            continue
        below = row.shapes.copy()
        numbers = [
            f"{name} {number}" for name, number in zip(NUMBERS, row.numbers, strict=True) if number
        ]
        if numbers:
            below.append(("\n" if below else "") + " · ".join(numbers), "dim")
        if below:
            yield Padding(below, (0, 0, 0, 13))


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
        more = f" and {len(line.params) - 4} more" if len(line.params) > 4 else ""
        cell.append(f"\n{', '.join(line.params[:4])}{more}", "dim")
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
            cell.append(f" ×{value.count}", "magenta")


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
    return ", ".join(name if n == 1 else f"{name} ×{n}" for name, n in counted.items())
