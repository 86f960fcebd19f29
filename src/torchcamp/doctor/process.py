"""One diagnosis in a process of its own; this is the parent's half, `worker` is the child's.

The child works in a temporary folder that looks like the user's, with a guard on network, programs and
files, and with a time limit.
"""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.errors import ReadError
from torchcamp.base.workers import ask_worker
from torchcamp.doctor.diagnosis import Diagnosis
from torchcamp.doctor.target import find_script
from torchcamp.reading.record import Record

STEPS = 6  # optimizer steps that a loop may show
LIMIT = 60.0  # seconds
GRACE = 20.0  # seconds beyond the limit in which the child must say what it saw


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """What the worker is asked to watch, and where."""

    target: str
    module: bool
    argv: list[str]
    steps: int
    limit: float
    root: str
    """The folder that the command was typed in."""
    work: str
    """The folder that becomes a mirror of the script's."""


def diagnose(
    target: str,
    *,
    module: bool = False,
    argv: Sequence[str] = (),
    steps: int = STEPS,
    limit: float = LIMIT,
) -> Diagnosis:
    """Run a training script for a few steps under watch.

    Args:
        target: `FILE.py`, `FILE.ipynb`, `FILE.py:function`, or the name of a module.
        module: the target is a module's name, as after `python -m`.
        argv: the script's own arguments.
        steps: optimizer steps that each training loop may show.
        limit: seconds after which what was seen is judged.

    Raises:
        ReadError: there is no such script, or its process died.
    """
    find_script(target, module=module)
    with tempfile.TemporaryDirectory(prefix="torchcamp-doctor-") as name:
        folder = Path(name)
        request = Request(
            target=target,
            module=module,
            argv=list(argv),
            steps=steps,
            limit=limit,
            root=os.getcwd(),
            work=str(folder / "work"),
        )
        return _ask(request, folder)


def _ask(request: Request, folder: Path) -> Diagnosis:
    limit = request.limit + GRACE
    try:
        answer = ask_worker(
            "torchcamp.doctor.worker", request.as_json(), folder, temporary=str(folder),
            limit=limit, task=f"running {request.target}",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ReadError(
            f"{request.target} was stopped: it did not respond within {limit:g} s; "
            "use --limit to allow more"
        ) from None
    return Diagnosis.from_json(answer["diagnosis"])
