"""The command line as a user types it: in this process, or as one of its own.

A process costs seconds for importing torch, so it is started only where the process itself is what
is tested: signals, pipes, what an import loads.
"""

import contextlib
import io
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from torchcamp.cli.main import run


def torchcamp(*args: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `torchcamp ARGS` in this process, as in `cwd` and with nothing in the home folder."""
    out, err = io.StringIO(), io.StringIO()
    with (
        _as_if_in(cwd, environment),
        mock.patch.object(sys, "argv", ["torchcamp", *args]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = run(list(args))
        except Exception:
            traceback.print_exc()
            code = 1
    return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())


def torchcamp_process(
    *args: str, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m torchcamp ARGS` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "torchcamp", *args],
        cwd=cwd,
        env={k: v for k, v in os.environ.items() if k != "TORCHCAMP_DATA"}
        | _home(cwd)
        | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """The last line on standard error, which is the only complaint; never a traceback."""
    assert "Traceback" not in result.stderr, result.stderr
    lines = result.stderr.strip().splitlines()
    assert sum(line.startswith("torchcamp: ") for line in lines) == 1, result.stderr
    return lines[-1]


@contextlib.contextmanager
def _as_if_in(cwd: Path, environment: dict[str, str]) -> Iterator[None]:
    kept = {k: v for k, v in os.environ.items() if k != "TORCHCAMP_DATA"}
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, kept | _home(cwd) | environment, clear=True),
        mock.patch.object(Path, "home", return_value=cwd),
    ):
        yield


def _home(folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_DATA_HOME": str(folder / "data"),
    }


def finish(process: subprocess.Popen[str], code: int = 0) -> str:
    output, words = process.communicate(timeout=120)
    assert process.returncode == code, words
    assert "Traceback" not in words, words
    return output + words


def only_run(cwd: Path) -> Path:
    (run,) = (cwd / "runs").iterdir()
    return run
