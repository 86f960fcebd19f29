"""The child's half of a reading: `python -m torchcamp.reading.worker REQUEST.json REPLY.json`.

The reply holds the reading or, under `error`, one line for the person who typed the command.
"""

import contextlib
import dataclasses
import io
import json
import os
import sys
import warnings
from pathlib import Path

import torch

from torchcamp.base.errors import UserError
from torchcamp.reading.answering import answer
from torchcamp.reading.cpu_for_cuda import stay_on_cpu
from torchcamp.reading.guard import Guard
from torchcamp.reading.process import Request
from torchcamp.reading.reading import Reading

MAX_THREADS = 4  # of torch: more do not pay for one small batch


def main(request_file: str, reply_file: str) -> None:
    """Read what the request says, write the reply and end the process."""
    request = Request.from_json(json.loads(Path(request_file).read_text(encoding="utf-8")))
    reply = os.open(reply_file + ".part", os.O_WRONLY | os.O_CREAT)  # before the guard starts
    guard = Guard(Path(request.work))
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            said = {"reading": _read(request, guard).as_json()}
    except UserError as error:
        said = {"error": str(error)}
    os.write(reply, json.dumps(said).encode())
    os.close(reply)
    guard.on = False
    os.replace(reply_file + ".part", reply_file)
    os._exit(0)  # threads and exit handlers of the user's code do not matter


def _read(request: Request, guard: Guard) -> Reading:
    """Load the target, find its inputs, run it, all of it under guard.

    Raises:
        ReadError: the target, an input or an argument does not work out.
    """
    torch.set_num_threads(min(torch.get_num_threads(), MAX_THREADS))
    os.chdir(request.root)
    sys.path.insert(0, request.root)
    where, _, name = request.target.rpartition(":")
    if where.endswith((".py", ".ipynb")):  # relative to here, and the work is done elsewhere
        where = os.path.abspath(os.path.expanduser(where))
    gpu: list[str] = []
    stay_on_cpu(lambda: gpu.append("CUDA is not available: what asks for it runs on the CPU"))
    guard.start()
    os.chdir(request.work)
    reading = answer(request, f"{where}:{name}" if where else request.target)
    return dataclasses.replace(
        reading, blocked=list(guard.blocked), notes=[*reading.notes, *gpu[:1]]
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
