"""Diagnoses without the two seconds that importing torch takes: a process that forks for each.

`python zygote.py` reads one request a line from its standard input and answers with the exit code.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from torchcamp.doctor.diagnosis import Diagnosis
from torchcamp.doctor.process import GRACE, Request, read_reply


class Zygote:
    """Forks a worker for each diagnosis; what it is asked is what `diagnose` asks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            text=True,
        )

    def diagnose(
        self,
        target: str,
        folder: Path,
        root: Path,
        *,
        module: bool = False,
        argv: Sequence[str] = (),
        steps: int = 6,
        limit: float = 60.0,
    ) -> Diagnosis:
        """What `diagnose` says in `root`; the mirror stays in `folder` / "work"."""
        folder.mkdir(parents=True, exist_ok=True)
        request = Request(
            target=target, module=module, argv=list(argv), steps=steps, limit=limit, root=str(root),
            work=str(folder / "work"),
        )  # fmt: skip
        question, reply = folder / "request.json", folder / "reply.json"
        question.write_text(json.dumps(request.as_json()))
        line = json.dumps([str(question), str(reply), str(root), limit + GRACE])
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return read_reply(target, reply, code)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def serve() -> None:
    """Fork a worker for each line of the standard input."""
    from torchcamp.doctor import worker

    for line in sys.stdin:
        question, reply, root, limit = json.loads(line)
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDWR), 0)
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            os.chdir(root)
            os.environ["TMPDIR"] = str(Path(question).parent)
            try:
                worker.main(question, reply)
            finally:
                os._exit(70)
        print(_wait(child, limit), flush=True)


def _wait(child: int, limit: float) -> int:
    """The exit code of a child, which is killed after `limit` seconds."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    serve()
