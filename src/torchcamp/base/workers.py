"""Other people's code runs in a worker: a process that reads a request from one file and replies in another.

So neither is mixed up with what that code prints.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from torchcamp.base.errors import ReadError


def ask_worker(
    module: str, request: Any, folder: Path, *, temporary: str, limit: float, task: str
) -> Any:
    """Start a worker and wait for its reply; both go through files in `folder`.

    Args:
        module: the worker's.
        request: plain JSON.
        temporary: its folder for temporary files.
        limit: seconds.
        task: what it is doing: "reading net.py:Net".

    Raises:
        ReadError: it replied with an error, or died without a reply.
        subprocess.TimeoutExpired: it took longer, and was killed.
    """
    question, reply = folder / "request.json", folder / "reply.json"
    question.write_text(json.dumps(request), encoding="utf-8")
    ended = run_worker(module, question, reply, temporary=temporary, limit=limit)
    return read_reply(reply, ended, task=task)


def run_worker(
    module: str, question: Path, reply: Path, *, temporary: str, limit: float
) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m MODULE QUESTION REPLY` to its end; see `ask_worker`."""
    return subprocess.run(
        [sys.executable, "-m", module, str(question), str(reply)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=limit,
        env=os.environ | {"TMPDIR": temporary, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )


def read_reply(reply: Path, ended: subprocess.CompletedProcess[bytes], *, task: str) -> Any:
    """What a worker that has ended replied; see `ask_worker`."""
    if not reply.is_file():
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        raise ReadError(
            f"the process {task} ended with code {ended.returncode}"
            + (f": {said[-1]}" if said else "")
        )
    answer = json.loads(reply.read_text(encoding="utf-8"))
    if "error" in answer:
        raise ReadError(answer["error"])
    return answer
