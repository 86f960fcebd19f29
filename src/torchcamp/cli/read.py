"""`torchcamp read`"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from torchcamp.cli.shared import Finite, json_option, print_json, say

if TYPE_CHECKING:
    from torchcamp.reading.difference import Difference
    from torchcamp.reading.reading import Reading


@click.command("read")
@click.argument("target", metavar="TARGET")
@click.option(
    "--input", "inputs", multiple=True, metavar="SPEC",
    help="[NAME=][DTYPE:]SHAPE[:HIGH], such as 2x3x32x32 or tokens=int64:2x16:65, or a Python "
    "expression; size=64 is an int where the signature says so. Once for each input.",
)  # fmt: skip
@click.option(
    "--args", default="", metavar="A=1,B=2",
    help="Of the constructor, of the function that makes the network, or of a function that is "
    "read: Python expressions.",
)  # fmt: skip
@click.option(
    "--call", "method", default="", metavar="METHOD", help="Call this instead of forward."
)
@click.option("--argv", default="", help="The script's own arguments, where it parses any.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page, one file."
)
@click.option(
    "--dtype", default="", type=click.Choice(["", "float16", "bfloat16", "float32", "float64"]),
    metavar="NAME", help="Of the network and its floating inputs: float64, float32, bfloat16 or float16.",
)  # fmt: skip
@click.option(
    "--markdown", type=click.Path(dir_okay=False, path_type=Path),
    help="Write tables to paste into an issue.",
)  # fmt: skip
@click.option(
    "--diff", "other", default="", metavar="OTHER",
    help="Read OTHER too, a file or a target, and show what differs: TARGET is before, OTHER after.",
)  # fmt: skip
@click.option("--full-import", is_flag=True, help="Run the whole file, not only what is needed.")
@click.option("--limit", type=Finite(min=1), default=120.0, show_default=True, help="Seconds.")
@json_option
def command(
    target: str, inputs: tuple[str, ...], args: str, method: str, argv: str, html: Path | None,
    markdown: Path | None, other: str, dtype: str, full_import: bool, limit: float, as_json: bool,
) -> int:  # fmt: skip
    """Read PyTorch code line by line.

    TARGET is FILE.py:Class, FILE.ipynb:Class, package.module:Class, FILE.py:function, or hf:gpt2 for
    an architecture of Hugging Face from its config, which --args sets. A function that returns a
    network is called with --args and the network is read; a network at the top of a file is read as
    it is; any other function is read itself. It is run once forward and once backward, on inputs that
    you give, that the file's own make_input() makes, or that are guessed. Of the file only what the
    target needs is run. A file or folder alone is listed: what can be read there, with the commands;
    nothing is run.

    This runs code of the file. Network, programs and writing are blocked and reported, but that is
    not a sandbox: do not read what you do not trust.
    """
    if not _names_one(target):
        if other:
            raise click.UsageError(f"--diff compares classes or functions: name one, {target}:NAME")
        return _outline(target, as_json)
    from torchcamp.reading.process import read_target

    targets = [target]
    if other:  # a file alone: the same name in it
        name = target.rpartition(":")[2]
        targets.append(other if _names_one(other) else f"{other}:{name}")
    readings = []
    for each in targets:
        say(f"reading {each}: this runs parts of it, and is not a sandbox")
        readings.append(
            read_target(
                each,
                inputs=inputs,
                args=args,
                method=method,
                argv=argv,
                full_import=full_import,
                dtype=dtype,
                limit=limit,
            )
        )
    crashed = any(reading.crash for reading in readings)
    if html:
        _write(html, "page", _page(readings))
    if markdown:
        _write(markdown, "tables", _markdown(readings))
    if as_json:
        print_json(_compared(readings).as_json() if other else readings[0].as_json())
    elif not (html or markdown) or crashed:
        _print(readings)
    return 1 if crashed else 0


def _names_one(target: str) -> bool:
    """Whether it names a class or function, not a file or folder alone."""
    return ":" in target.removeprefix("C:")


def _compared(readings: "list[Reading]") -> "Difference":
    from torchcamp.reading.difference import compare

    before, after = readings
    return compare(before, after)


def _page(readings: "list[Reading]") -> str:
    from torchcamp.reading.page import render_difference, render_reading

    return render_difference(_compared(readings)) if readings[1:] else render_reading(readings[0])


def _markdown(readings: "list[Reading]") -> str:
    from torchcamp.reading.markdown import markdown_of, markdown_of_difference

    return markdown_of_difference(_compared(readings)) if readings[1:] else markdown_of(readings[0])


def _print(readings: "list[Reading]") -> None:
    from torchcamp.reading.terminal import print_reading
    from torchcamp.reading.terminal_difference import print_difference

    if readings[1:]:
        print_difference(_compared(readings))
    else:
        print_reading(readings[0])


def _write(file: Path, what: str, text: str) -> None:
    from torchcamp.base.files import save_text

    try:
        save_text(file, text)
    except OSError as error:
        raise click.UsageError(f"cannot write {file}: {error.strerror}") from error
    say(f"{what}: {file}")


def _outline(path: str, as_json: bool) -> int:
    from torchcamp.reading.outline import outline

    entries = outline(Path(path))
    if as_json:
        print_json([entry.as_json() for entry in entries])
        return 0
    from torchcamp.reading.terminal import print_outline

    print_outline(entries)
    number = sum(len(entry.classes) for entry in entries)
    say(
        f"{number} class{'es' * (number != 1)} can be read in {len(entries)} files; nothing was run"
    )
    return 0
