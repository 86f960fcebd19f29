"""One reading in a process of its own; this is the parent's half, `worker` is the child's.

The child works in a temporary folder, with a guard on network, programs and files, and with a time
limit.
"""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.errors import ReadError
from torchcamp.base.workers import ask_worker
from torchcamp.reading.reading import Reading
from torchcamp.reading.record import Record

LIMIT = 120.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """What the worker is asked to read, and where."""

    target: str
    inputs: list[str]
    """`--input` specs."""
    args: str
    method: str
    argv: str
    full_import: bool
    dtype: str
    """Of the network and its floating inputs; empty for what they are."""
    root: str
    """The folder that the command was typed in."""
    work: str
    """The folder that the target may write to."""


def read_target(
    target: str,
    *,
    inputs: Sequence[str] = (),
    args: str = "",
    method: str = "",
    argv: str = "",
    full_import: bool = False,
    dtype: str = "",
    limit: float = LIMIT,
) -> Reading:
    """The reading of `FILE.py:Class`, `FILE.py:function` or `package.module:Class`.

    Args:
        inputs: `--input` specs.
        args: of the constructor, or of the function: `d_model=16, nhead=2`.
        method: which method to call instead of the module itself.
        argv: the script's own arguments, as one line.
        full_import: run the whole file, not only what the target needs.
        dtype: of the network and its floating inputs, such as `float64`; as they are without.
        limit: seconds until the reading is given up.

    Raises:
        ReadError: the target, an input or an argument does not work out, or time ran out.
    """
    file = target.rpartition(":")[0]
    if file.endswith((".py", ".ipynb")) and not Path(file).expanduser().is_file():
        raise ReadError(f"{file} does not exist")
    with tempfile.TemporaryDirectory(prefix="torchcamp-read-") as name:
        folder = Path(name)
        work = folder / "work"
        work.mkdir()
        request = Request(
            target=target,
            inputs=list(inputs),
            args=args,
            method=method,
            argv=argv,
            full_import=full_import,
            dtype=dtype,
            root=os.getcwd(),
            work=str(work),
        )
        return _ask(request, folder, limit)


def _ask(request: Request, folder: Path, limit: float) -> Reading:
    try:
        answer = ask_worker(
            "torchcamp.reading.worker", request.as_json(), folder, temporary=request.work,
            limit=limit, task=f"reading {request.target}",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ReadError(
            f"{request.target} was not read within {limit:g} s; use --limit to allow more"
        ) from None
    return Reading.from_json(answer["reading"])
