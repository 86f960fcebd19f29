"""Workers without three seconds of imports each: one process imports everything and forks for every worker.

`python zygote.py` reads one request a line from its standard input and answers with the exit code, or
null after a timeout.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from torchcamp.base import workers
from torchcamp.doctor import process
from torchcamp.doctor.diagnosis import Diagnosis

WORKERS = ("torchcamp.doctor.worker", "torchcamp.reading.worker")


class Zygote:
    """Runs workers as `run_worker` does, each in a fork of one process."""

    def __init__(self) -> None:
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            text=True,
        )

    def run_worker(
        self, module: str, question: Path, reply: Path, *, temporary: str, limit: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Like `torchcamp.base.workers.run_worker`, but in a fork."""
        said = question.parent / "stderr"
        request = {
            "module": module, "question": str(question), "reply": str(reply), "stderr": str(said),
            "folder": os.getcwd(), "environment": os.environ | {"TMPDIR": temporary}, "limit": limit,
        }  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            code = json.loads(self._process.stdout.readline())
        except BaseException:  # a test's time is up: the next one must not get this one's answer
            self._process.kill()
            self.close()
            self._process = self._start()
            raise
        if code is None:
            raise subprocess.TimeoutExpired(module, limit)
        return subprocess.CompletedProcess([module], code, stderr=said.read_bytes())

    def diagnose(
        self,
        target: str,
        folder: Path,
        root: Path,
        *,
        module: bool = False,
        argv: Sequence[str] = (),
        steps: int = process.STEPS,
        limit: float = process.LIMIT,
    ) -> Diagnosis:
        """What `torchcamp.doctor.process.diagnose` says in `root`; the mirror stays in `folder` / "work"."""
        folder.mkdir(parents=True, exist_ok=True)
        request = process.Request(
            target=target, module=module, argv=list(argv), steps=steps, limit=limit, root=str(root),
            work=str(folder / "work"),
        )  # fmt: skip
        # The worker imports from where it is started.
        with contextlib.chdir(root), mock.patch.object(workers, "run_worker", self.run_worker):
            return process._ask(request, folder)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def serve() -> None:
    """Fork a worker for each line of the standard input."""
    importlib.import_module(
        "torch._dynamo"
    )  # the first optimizer of a process imports it, in 1.4 s
    mains = {module: importlib.import_module(module).main for module in WORKERS}
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                _become(request)
                mains[request["module"]](request["question"], request["reply"])
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(json.dumps(_wait(child, request["limit"])), flush=True)


def _become(request: dict) -> None:
    """What a new interpreter in the caller's folder would be."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(os.open(request["stderr"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    packages = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:1] = [request["folder"], *filter(None, packages)]
    sys.argv = [request["module"], request["question"], request["reply"]]


def _wait(child: int, limit: float) -> int | None:
    """The exit code of a child; None for one that was killed after `limit` seconds."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


if __name__ == "__main__":
    serve()
