"""What the commands share: their output, how numbers are written, common options."""

import json
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from torchcamp.base.errors import suggest
from torchcamp.base.terminal import MOST, clean, echo

if TYPE_CHECKING:
    from rich.console import Console


class Group(click.Group):
    """A group of commands that answers an unknown name with the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            hint = suggest(args[0], known, listed_as="Commands")
            raise click.UsageError(f"unknown command {args[0]!r}. {hint}")
        return super().resolve_command(ctx, args)


def say(line: str) -> None:
    """Print a message on standard error, so that standard output holds only results."""
    echo(clean(line, MOST), file=sys.stderr)


def print_json(value: Any) -> None:
    """Print one JSON value on one line of standard output."""
    print(json.dumps(value), flush=True)


def number(value: float) -> str:
    """Four significant digits: `0.9924`, `0.02731`, `1.234e+05`."""
    return f"{value:.4g}"


def print_confusion(
    console: "Console", class_names: Sequence[str], confusion: Sequence[Sequence[int]]
) -> None:
    """Print counts by true class and answer, right ones in green, wrong ones in red."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None)
    grid.add_column("")
    for name in class_names:
        grid.add_column(name, justify="right")
    for i, row in enumerate(confusion):
        cells = [
            Text(str(count), "green" if i == j else "red" if count else "dim")
            for j, count in enumerate(row)
        ]
        grid.add_row(Text(class_names[i], "bold"), *cells)
    console.print(Text("\nrow: true class, column: answer", "dim"))
    console.print(grid)


def allow_own_code(name: str, trust: bool) -> None:
    """Before a run is loaded that holds code of its own: say so, and ask, unless it is known.

    Without a terminal, and without `trust`, loading it will be refused.

    Args:
        name: what the user typed for a run or a model.
        trust: whether `--trust` was given.

    Raises:
        RunError: the user said no.
    """
    from torchcamp.base.errors import RunError
    from torchcamp.course.workspace import run_roots
    from torchcamp.recipes import trust as own
    from torchcamp.recipes.trained import own_source

    source = own_source(name, run_roots())
    if source is None or not source.is_dir() or own.is_trusted(source):
        return
    if not trust:
        if "RANK" in os.environ or not (sys.stdin.isatty() and sys.stderr.isatty()):
            return
        names = ", ".join(path.name for path in own.files_of(source))
        say(
            f"{source.parent} holds code that did not come from a training on this machine: {names}"
        )
        say(f"It would be run with your rights; you find it in {source}")
        if not click.confirm("Run it, now and from now on?", err=True):
            raise RunError(f"the code in {source} was not run")
    own.trust(source)


trust_option = click.option(
    "--trust",
    is_flag=True,
    help="Run the code that a run of somebody else's holds, with your rights.",
)


class Stopped(BaseException):
    """A signal that asks the program to end; not a KeyboardInterrupt, whose number click forgets."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Finite(click.FloatRange):
    """A number of an option that is neither nan nor infinite, which every range would let pass."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


SEED = click.IntRange(-(2**61), 2**61)
COUNT = click.IntRange(1, 2**62)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON value on one line.")
data_option = click.option(
    "--data",
    metavar="NAME",
    help="mnist, fashion, digits, cifar10 or auto; your own: folder:PATH (a folder, .zip or .tar), "
    "array:FILE.npz or idx:DIR; for rnn also text[:FILE], for hmm dice or sequences:FILE.",
)
device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu, cuda or mps."
)
preset_option = click.option(
    "--preset", metavar="NAME", help="A named set of hyperparameters: default, fast, best, ..."
)
settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="One setting of the recipe or of its model; may be repeated.",
)
precision_option = click.option(
    "--precision", default="auto", show_default=True, help="auto, fp32 or bf16."
)
out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="The folder in which the new folder is made.",
)
