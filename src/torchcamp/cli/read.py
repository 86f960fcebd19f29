"""`torchcamp read`"""

from pathlib import Path
from typing import Any

import click

from torchcamp.cli.shared import json_option, print_json, say
from torchcamp.pages.numbers import amount, size

WIDE = 120  # columns of a terminal that a table fits into
NUMBERS = ("FLOPs", "backward", "time", "kept")
FOLD = 6  # statements in a row that did not run, before they are folded
BETWEEN = ("else", "except", "finally", "#", "@")  # lines that are no statement but tell something


@click.command("read")
@click.argument("target", metavar="TARGET")
@click.option(
    "--input", "inputs", multiple=True, metavar="SPEC",
    help="[NAME=][DTYPE:]SHAPE[:HIGH], such as 2x3x32x32 or tokens=int64:2x16:65, or a Python "
    "expression. Once for each input.",
)  # fmt: skip
@click.option(
    "--args", default="", metavar="A=1,B=2",
    help="Of the constructor, or of a function: Python expressions.",
)  # fmt: skip
@click.option(
    "--call", "method", default="", metavar="METHOD", help="Call this instead of forward."
)
@click.option("--argv", default="", help="The script's own arguments, where it parses any.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page, one file."
)
@click.option("--full-import", is_flag=True, help="Run the whole file, not only what is needed.")
@click.option(
    "--limit", type=click.FloatRange(min=1), default=120.0, show_default=True, help="Seconds."
)
@json_option
def command(
    target: str, inputs: tuple[str, ...], args: str, method: str, argv: str, html: Path | None,
    full_import: bool, limit: float, as_json: bool,
) -> int:  # fmt: skip
    """Read PyTorch code line by line.

    TARGET is FILE.py:Class, package.module:Class or FILE.py:function. It is run once forward and
    once backward, on inputs that you give, that the file's own make_input() makes, or that are
    guessed. Of the file only what the target needs is run. A file or folder alone is listed: what
    can be read there, with the commands; nothing is run.

    This runs code of the file. Network, programs and writing are blocked and reported, but that is
    no sandbox: do not read what you do not trust.
    """
    if ":" not in target.removeprefix("C:"):
        return _outline(target, as_json)
    from torchcamp.reading.child import read_target

    say(f"reading {target}: this runs code of it, and is no sandbox")
    reading = read_target(
        target,
        inputs=inputs,
        args=args,
        method=method,
        argv=argv,
        full_import=full_import,
        limit=limit,
    )
    if html:
        from torchcamp.base.files import write_atomically
        from torchcamp.reading.page import render_reading

        page = render_reading(reading)
        try:
            write_atomically(html, lambda part: part.write_text(page))
        except OSError as error:
            raise click.UsageError(f"cannot write {html}: {error.strerror}") from error
        say(f"page: {html}")
    if as_json:
        print_json(reading)
    elif not html or reading["crash"]:
        _print(reading)
    return 1 if reading["crash"] else 0


def _outline(place: str, as_json: bool) -> int:
    from torchcamp.reading.outline import outline

    entries = outline(Path(place))
    if as_json:
        print_json(entries)
        return 0
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    for entry in entries:
        console.print(Text(entry["file"], "bold"))
        if entry.get("problem"):
            console.print(Text(f"  {entry['problem']}", "red"))
        for found in entry["classes"]:
            words = f"  {found['line']:>5}  {found['name']}({', '.join(found['parameters'])})"
            console.print(Text(words))
            console.print(Text(f"         {found['command']}", "cyan"))
        for found in entry["losses"]:
            console.print(Text(f"  {found['line']:>5}  loss       {found['source']}", "dim"))
        for found in entry["optimizers"]:
            owns = f"owns {found['owns']}" if found["owns"] else ""
            words = f"  {found['line']:>5}  optimizer  {found['source']}  {owns}"
            console.print(Text(words, "dim"))
    number = sum(len(entry["classes"]) for entry in entries)
    say(
        f"{number} class{'es' * (number != 1)} can be read in {len(entries)} files; nothing was run"
    )
    return 0


# --- The listing -----------------------------------------------------------------------


def _print(reading: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 150  # a file has no edge
    parts = list(_parts(reading, console.width))
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


def _parts(reading: dict[str, Any], width: int) -> Any:
    """Head, one table for each function, and what is to be said at the end."""
    from rich.text import Text

    totals = reading["totals"]
    head = Text(reading["target"], "bold")
    inputs = ", ".join(_input(entry) for entry in reading["input"])
    head.append(f"\ninput {inputs or 'none'}", "default")
    if reading.get("input_words", "").startswith("guessed"):
        head.append(f"  ({reading['input_words']})", "yellow")
    for note in reading["notes"]:
        head.append(f"\n{note}", "yellow")
    facts = [
        f"{totals['parameters']:,} parameters",
        f"{amount(totals['flops_forward']) or '0'} FLOPs forward, "
        f"{amount(totals['flops_backward']) or '0'} backward",
        f"{totals['ops']} operations, {totals['nodes']} nodes on the tape",
        f"{size(totals['peak_bytes'])} of tensors at the peak",
    ]
    if totals["forward_seconds"] is not None:
        facts.append(f"{1000 * totals['forward_seconds']:.3g} ms forward")
    head.append("\n" + " · ".join(facts) + "\n" + f"backward: {reading['backward']}", "dim")
    yield head
    crash = reading["crash"]
    for function, lines in _functions(reading):
        yield _table(reading, function, lines, width)
    words = Text()
    if crash:
        where = f"{crash['file']}:{crash['line']}" if crash["line"] else "outside of your code"
        words.append(f"\nfails at {where} in the {crash['phase']} pass\n", "bold red")
        words.append(f"  {crash['message']}\n", "red")
        for name, shape in crash["shapes"].items():
            words.append(f"  {name} {shape_words(shape)}\n")
        if crash["parameter"]:
            words.append(
                f"  it met {crash['parameter']['name']} {shape_words(crash['parameter']['shape'])}\n",
                "yellow",
            )
    skipped = reading["skipped_statements"]
    if skipped:
        ranges = ", ".join(
            f"{s['line']}-{s['end_line']}" if s["end_line"] > s["line"] else str(s["line"])
            for s in skipped
        )
        kept = reading.get("num_kept", 0)
        words.append(f"\nran {kept} of {kept + len(skipped)} top-level statements; ", "dim")
        words.append(f"skipped lines {ranges}\n", "dim")
    for line in reading["blocked"]:
        words.append(f"blocked: {line}\n", "yellow")
    for line in reading["not_seen"]:
        words.append(f"not seen: {line}\n", "yellow")
    if words:
        yield words


def _functions(reading: dict[str, Any]) -> list[tuple[tuple[str, str | None], list[Any]]]:
    """Lines by file and function, as they stand in the reading."""
    groups: dict[tuple[str, str | None], list[Any]] = {}
    for line in reading["lines"]:
        groups.setdefault((line["file"], line["function"]), []).append(line)
    return list(groups.items())


def _table(reading: dict[str, Any], function: Any, lines: list[Any], width: int) -> Any:
    from rich.console import Group
    from rich.syntax import Syntax
    from rich.text import Text

    file, name = function
    calls = lines[0]["calls"] if lines[0]["kind"] == "def" else 1
    title = Text(f"\n{name or 'outside of functions'}", "bold")
    title.append(f"  {file}:{lines[0]['line']}", "dim")
    if calls > 1:
        title.append(f"  {calls} calls", "dim")
    rows: list[tuple[str, Any, list[Any]]] = []
    crash = reading["crash"] or {}
    text = reading["files"][file]
    base = min(len(line["source"]) - len(line["source"].lstrip()) for line in lines)

    def source(code: str, style: str = "") -> Any:
        code = "\n".join(part[base:] for part in code.splitlines())
        if style:
            return Text(code, style)
        highlighted = Syntax("", "python", theme="ansi_dark").highlight(code)
        highlighted.rstrip()
        return highlighted

    before = None
    hidden = 0
    for place, line in enumerate(lines):
        follows = [other["executed"] for other in lines[place : place + FOLD]]
        if not line["executed"] and (hidden or (not any(follows) and len(follows) == FOLD)):
            hidden += 1
            before = line["end_line"]
            continue
        if hidden:
            rows.append(("", Text(f"… {hidden} statements not run", "dim italic"), []))
            hidden = 0
        for number in range((before or line["line"]) + 1, line["line"]):
            if text[number - 1].strip().startswith(BETWEEN):
                rows.append((str(number), source(text[number - 1], "dim"), []))
        before = line["end_line"]
        if _is_docstring(line):
            rows.append((str(line["line"]), source(line["source"].splitlines()[0], "dim"), []))
            continue
        failed = crash.get("file") == file and line["line"] <= (crash.get("line") or 0) <= before
        style = "bold red" if failed else "" if line["executed"] else "dim"
        cells = _cells(line)
        rows.append((str(line["line"]), source(line["source"].rstrip(), style), cells))
        for child in line["children"]:
            name = f"  {child['path']} {child['layer']}"
            rows.append(("", Text(name, "cyan", overflow="ellipsis", no_wrap=True), _cells(child)))
    if hidden:
        rows.append(("", Text(f"… {hidden} statements not run", "dim italic"), []))
    return Group(title, *(_columns(rows, width) if width >= WIDE else _stacked(rows)))


def _columns(rows: list[tuple[str, Any, list[Any]]], width: int) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("line", justify="right", style="dim")
    table.add_column("source", min_width=30, max_width=width // 2)
    table.add_column("shapes", overflow="fold")
    for name in NUMBERS:
        table.add_column(name, justify="right", no_wrap=True)
    for number, source, cells in rows:
        table.add_row(number, source, *cells)
    return [table]


def _stacked(rows: list[tuple[str, Any, list[Any]]]) -> Any:
    """On a narrow terminal: what a line did stands below it."""
    from rich.padding import Padding
    from rich.text import Text

    for number, source, cells in rows:
        gutter = Text(f"{number:>5}  ", "dim")
        for place, line in enumerate(source.split("\n")):
            yield (gutter if place == 0 else Text("       ")) + line
        if not cells:
            continue
        shapes, *numbers = cells
        words = shapes.copy()
        said = [f"{name} {cell}" for name, cell in zip(NUMBERS, numbers, strict=True) if cell]
        if said:
            words.append(("\n" if words else "") + " · ".join(said), "dim")
        if words:
            yield Padding(words, (0, 0, 0, 13))


def _cells(line: dict[str, Any]) -> list[Any]:
    from rich.text import Text

    shapes = Text()
    values = line["values"]
    given = {tuple(read["shape"]) for read in line.get("reads", [])}
    if values and len(given) == 1 and line.get("kind") != "def":
        (only,) = given
        if any(tuple(value["shape"]) != only for value in values):
            shapes.append(f"{shape_words(only)} → ", "dim")
    for number, value in enumerate(values):
        shapes.append(", " if number else "")
        name = value["name"] or ""
        shapes.append(f"{name} " if name else "", "green")
        shapes.append(shape_words(value["shape"]))
        if value["dtype"] != "float32":
            shapes.append(f" {value['dtype']}", "dim")
        if value["device"] != "cpu":
            shapes.append(f" {value['device']}", "dim")
        if value["count"] > 1:
            shapes.append(f" ×{value['count']}", "magenta")
    if line.get("body_runs") is not None and line.get("executed"):
        runs = line["body_runs"]
        if line["kind"] == "if":
            shapes.append(_taken(runs, line["calls"]), "magenta")
        else:
            shapes.append(f" {runs} times round", "magenta")
    elif not values and line.get("calls", 0) > 1:
        shapes.append(f"×{line['calls']}", "magenta")
    if line["params"] and "layer" not in line:
        more = f" and {len(line['params']) - 4} more" if len(line["params"]) > 4 else ""
        shapes.append(f"\n{', '.join(line['params'][:4])}{more}", "dim")
    if isinstance(line["nodes"], list) and line["nodes"]:
        shapes.append(f"\ntape {_nodes(line['nodes'])}", "dim blue")
    if line.get("recomputed"):
        shapes.append("\nruns again for the backward pass (recompute)", "yellow")
    if line.get("not_counted"):
        shapes.append(f"\nFLOPs not counted: {', '.join(line['not_counted'])}", "yellow")
    unknown = bool(line.get("not_counted"))
    numbers, style = line, ""
    if "with_calls" in line:  # what it calls has rows of its own: their sum stands here in grey
        numbers, style = line["with_calls"], "dim"
    share = numbers["seconds_share"]
    words = [
        amount(int(numbers["flops_forward"]), unknown),
        amount(int(numbers["flops_backward"]), unknown),
        f"{100 * share:.0f} %" if share >= 0.005 else "",
        size(int(numbers["saved_bytes"])) if numbers["saved_bytes"] else "",
    ]
    return [shapes, *(Text(word, style) for word in words)]


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


def _is_docstring(line: dict[str, Any]) -> bool:
    return line["source"].lstrip().startswith(('"""', "'''", 'r"""')) and not line["ops"]


def _input(entry: dict[str, Any]) -> str:
    name = f"{entry['name']} " if entry["name"] else ""
    if "shape" in entry:
        return f"{name}{shape_words(entry['shape'])} {entry['dtype']}"
    return f"{name}{entry['value']}"


def shape_words(shape: Any) -> str:
    """`(2, 16)`, `(4,)`, `()`."""
    return str(tuple(shape))
