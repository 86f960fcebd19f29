"""Start marimo on a workspace: on 127.0.0.1 only, behind our guard."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.errors import WorkspaceError
from torchcamp.course.server.codes import new_code
from torchcamp.course.server.guard import CODES, ENTER, SERVER, TOOLS
from torchcamp.course.server.home import WORKSPACE

HOST = "127.0.0.1"
FIRST_PORT = 2718


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running course.

    home: the address of its home page, for a browser that has been let in.
    codes: the folder of the codes that let a browser in.
    process: serves it.
    """

    home: str
    codes: Path
    process: subprocess.Popen[bytes]

    def new_address(self) -> str:
        """An address that lets a browser in, once."""
        host = urllib.parse.urlsplit(self.home).netloc
        return f"http://{host}{ENTER}?code={new_code(self.codes)}"


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
def serve(workspace: Path, port: int, *, tools: bool = False) -> Iterator[Server]:
    """Serve `workspace` until the block ends.

    Args:
        tools: also marimo's own terminal, file browser and package manager.

    Raises:
        WorkspaceError: the server does not start, or does not answer.
    """
    token = secrets.token_urlsafe(24)
    lessons = workspace / "lessons"  # marimo takes its settings from here
    home = f"http://{HOST}:{port}/{secrets.token_urlsafe(16)}/"
    with tempfile.TemporaryDirectory() as folder:
        codes = Path(folder) / "codes"
        codes.mkdir(mode=0o700)
        environment = os.environ | {
            SERVER: home,
            CODES: str(codes),
            WORKSPACE: str(workspace),
            "MARIMO_SKIP_UPDATE_CHECK": "1",
        }
        environment.pop(TOOLS, None)
        if tools:
            environment[TOOLS] = "1"
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
            yield Server(home=home, codes=codes, process=process)
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
            # marimo alone would answer this: without the guard, nobody is let near it.
            with opener.open(f"http://{HOST}:{port}/health", timeout=2):
                raise WorkspaceError(
                    "the course's guard did not load; install torchcamp again, then: torchcamp start"
                )
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 403:
                return
            raise WorkspaceError(
                f"the course's server answered {error.code} instead of 403; try another --port"
            ) from error
        except OSError:
            time.sleep(0.05)
    raise WorkspaceError("the course's server did not answer within a minute; try again")
