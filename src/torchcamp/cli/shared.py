"""What the commands share: where runs lie, what a failure is, how numbers are written."""

import json
import sys
from pathlib import Path
from typing import Any

import click


def run_roots() -> list[Path]:
    """Folders that hold runs: `./runs`, and the workspace's."""
    from torchcamp.course.workspace import find_workspace

    roots = [Path("runs")]
    workspace = find_workspace()
    if workspace and (workspace / "runs").resolve() != roots[0].resolve():
        roots.append(workspace / "runs")
    return roots


def say(line: str) -> None:
    """A line of words; on standard error, so that standard output can be read by programs."""
    print(line, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """One JSON value on one line of standard output."""
    print(json.dumps(value), flush=True)


def number(value: float) -> str:
    """Four significant digits: `0.9924`, `0.02731`, `1.234e+05`."""
    return f"{value:.4g}"


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON value on one line.")
data_option = click.option(
    "--data",
    metavar="NAME",
    help="mnist, fashion, digits, folder:DIR, idx:DIR or auto; for rnn also text[:FILE], "
    "for hmm dice.",
)
device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu, cuda or mps."
)
