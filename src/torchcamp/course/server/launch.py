"""Start marimo on a workspace: on 127.0.0.1 only, with a token and our guard."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.errors import WorkspaceError
from torchcamp.course.server.guard import SERVER
from torchcamp.course.server.home import WORKSPACE

HOST = "127.0.0.1"
FIRST_PORT = 2718


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running course: the address to open, and the process that serves it."""

    address: str
    process: subprocess.Popen[bytes]


def free_port(wanted: int | None = None) -> int:
    """`wanted` if it is free; for None, the first free port from 2718 on.

    Raises:
        WorkspaceError: the wanted port cannot be used, or no port is free.
    """
    for port in [wanted] if wanted is not None else range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError, OverflowError):
                probe.bind((HOST, port))
                return port
    if wanted is None:
        raise WorkspaceError("no port from 2718 to 2817 is free; choose one with --port")
    raise WorkspaceError(f"port {wanted} is in use or not allowed; choose another with --port")


@contextlib.contextmanager
def serve(workspace: Path, port: int) -> Iterator[Server]:
    """Serve `workspace` until the block ends.

    Raises:
        WorkspaceError: the server does not start, or does not answer.
    """
    token = secrets.token_urlsafe(24)
    lessons = workspace / "lessons"  # marimo takes its settings from here
    environment = os.environ | {
        SERVER: f"{HOST}:{port}",
        WORKSPACE: str(workspace),
        "MARIMO_SKIP_UPDATE_CHECK": "1",
    }
    with tempfile.TemporaryDirectory() as folder:
        # The token is passed in a file: every user of the machine can see command lines.
        token_file = Path(folder) / "token"
        token_file.touch(mode=0o600)
        token_file.write_text(token, encoding="utf-8")
        log = Path(folder) / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [
                    sys.executable, "-m", "marimo", "--log-level", "error", "edit", str(lessons),
                    "--headless", "--host", HOST, "--port", str(port), "--token",
                    "--token-password-file", str(token_file), "--skip-update-check", "--watch",
                    "--no-sandbox",
                ],
                env=environment,
                cwd=lessons,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,  # Ctrl-C reaches only us; we stop the server below
            )  # fmt: skip
        try:
            _wait_until_it_answers(process, port, log)
            yield Server(address=f"http://{HOST}:{port}/?access_token={token}", process=process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    # Never by way of a proxy: it does not reach this machine's own ports.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            reason = lines[-1] if lines else f"exit code {process.returncode}"
            raise WorkspaceError(f"the course's server did not start: {reason}")
        try:
            with opener.open(f"http://{HOST}:{port}/health", timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise WorkspaceError("the course's server did not answer within a minute; try again")
