"""What the commands share: their output, how numbers are written, common options."""

import json
import sys
from typing import Any

import click

from torchcamp.base.errors import suggest


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
    print(line, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print one JSON value on one line of standard output."""
    print(json.dumps(value), flush=True)


def number(value: float) -> str:
    """Four significant digits: `0.9924`, `0.02731`, `1.234e+05`."""
    return f"{value:.4g}"


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON value on one line.")
data_option = click.option(
    "--data",
    metavar="NAME",
    help="mnist, fashion, digits, folder:DIR, idx:DIR or auto; for rnn also text[:FILE], "
    "for hmm dice or sequences:FILE.",
)
device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu, cuda or mps."
)
