"""Start marimo on a workspace, behind our guard: on 127.0.0.1 only, or on a Unix socket."""

import contextlib
import errno
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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO

from torchcamp.base.errors import WorkspaceError
from torchcamp.base.lifeline import LIFELINE
from torchcamp.course.server.codes import CODES, new_code
from torchcamp.course.server.guard import BEHIND_PROXY, ENTER, LISTENER, SERVER, TOOLS
from torchcamp.course.server.home import WORKSPACE
from torchcamp.course.server.limits import KERNELS, NUM_KERNELS
from torchcamp.course.workspace import hold, sign

HOST = "127.0.0.1"
FIRST_PORT = 2718
STRANGE_SECONDS = 15.0  # for which answers that are not ours are waited out
END_SECONDS = 5.0  # that the server has for ending by itself
HANDOVER_SECONDS = 8.0  # by then the server of a `torchcamp start` that was killed has ended


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running course.

    home: the address of its home page, for a browser that has been let in.
    codes: the folder of the codes that let a browser in.
    process: serves it.
    socket: where it listens if it is behind a proxy.
    """

    home: str
    codes: Path
    process: subprocess.Popen[bytes]
    socket: Path | None = None

    def new_address(self) -> str:
        """An address that lets a browser in, once."""
        host = urllib.parse.urlsplit(self.home).netloc
        return f"http://{host}{ENTER}?code={new_code(self.codes)}"


def free_port(wanted: int | None = None) -> int:
    """`wanted` if it is free; for None, the first free port from 2718 on.

    Raises:
        WorkspaceError: the wanted port cannot be used, or no port is free.
    """
    reason = ""
    for port in [wanted] if wanted is not None else range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
                return port
            except OSError as error:
                reason = "in use" if error.errno == errno.EADDRINUSE else "not allowed"
            except OverflowError:
                reason = "above 65535"
    if wanted is None:
        raise WorkspaceError("no port from 2718 to 2817 is free; choose one with --port")
    raise WorkspaceError(
        f"port {wanted} is {reason}; choose another with --port, or leave it out to take a free one"
    )


class SocketConnection(HTTPConnection):
    """Speaks HTTP to the Unix socket at `path`."""

    def __init__(self, path: Path, *, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


@contextlib.contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    """A Unix socket that only this account can connect to; it is taken away at the end.

    Raises:
        WorkspaceError: `path` is in use, too long, or in a folder that is not there.
    """
    with socket.socket(socket.AF_UNIX) as listener:
        mask = os.umask(0o177)
        try:
            _remove_if_dead(path)
            listener.bind(str(path))
            listener.listen()
        except OSError as error:
            raise WorkspaceError(
                f"cannot listen on the socket {path}: {error.strerror or error}; choose another with "
                "--socket"
            ) from error
        finally:
            os.umask(mask)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _remove_if_dead(path: Path) -> None:
    """Take away a socket on which nobody listens any more; other files are left alone."""
    if path.is_socket():
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)


# Longer than 60 lines: what is opened here is closed in the reverse order, whatever happens.
@contextlib.contextmanager
def serve(
    workspace: Path,
    port: int | None = None,
    *,
    behind: Path | None = None,
    kernels: int = NUM_KERNELS,
    tools: bool = False,
) -> Iterator[Server]:
    """Serve `workspace` until the block ends, and at the latest until this process does.

    Args:
        workspace: the learner's folder; it is locked meanwhile.
        port: as in `free_port`.
        behind: the Unix socket of a proxy that lets people in, and takes its own prefix from what
            they ask for; then there is no port.
        kernels: lessons whose kernels live at a time (see `sitting`).
        tools: also marimo's own terminal, file browser and package manager.

    Raises:
        Held: another process serves the workspace.
        WorkspaceError: the port cannot be used, or the server does not start or answer.
    """
    with hold(workspace, wait=HANDOVER_SECONDS) as lock, contextlib.ExitStack() as stack:
        descriptors = [lock.fileno()]  # the lock is ours until the server has ended too
        environment = {}
        if behind is None:
            port = free_port(port)
            sign(lock, f"http://{HOST}:{port}")
            home = f"http://{HOST}:{port}/{secrets.token_urlsafe(16)}/"
        else:
            listener = stack.enter_context(_listening(behind)).fileno()
            sign(lock, str(behind))
            home = BEHIND_PROXY
            environment[LISTENER] = str(listener)
            descriptors.append(listener)
        codes = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="torchcamp-")))
        log = stack.enter_context(tempfile.TemporaryFile())
        # The server ends when the last copy of `ours` is closed, and only this process has one.
        theirs, ours = os.pipe()
        stack.callback(os.close, ours)
        environment |= {
            SERVER: home,
            CODES: str(codes),
            WORKSPACE: str(workspace),
            KERNELS: str(kernels),
            LIFELINE: str(theirs),
            **({TOOLS: "1"} if tools else {}),
        }
        try:
            process = _marimo(
                workspace, port or FIRST_PORT, environment, [theirs, *descriptors], log
            )
        finally:
            os.close(theirs)
        stack.callback(_end, process)
        server = Server(home=home, codes=codes, process=process, socket=behind)
        _wait_until_it_answers(server, log)
        yield server


def _marimo(
    workspace: Path,
    port: int,
    environment: Mapping[str, str],
    descriptors: Sequence[int],
    log: IO[bytes],
) -> subprocess.Popen[bytes]:
    """marimo on the workspace's lessons, with a token that only it and its guard know."""
    lessons = workspace / "lessons"  # marimo takes its settings from here
    inherited = {name: value for name, value in os.environ.items() if name != TOOLS}
    process = subprocess.Popen(
        [
            sys.executable, "-m", "marimo", "--log-level", "error", "edit", str(lessons),
            "--headless", "--host", HOST, "--port", str(port), "--token",
            "--token-password-file", "-", "--skip-update-check", "--watch",
            "--no-sandbox",
        ],
        env=inherited | {"MARIMO_SKIP_UPDATE_CHECK": "1"} | dict(environment),
        cwd=lessons,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        pass_fds=descriptors,
        start_new_session=True,  # Ctrl-C reaches only us; we stop the server in the end
    )  # fmt: skip
    # In no file, and in no command line, which every user of the machine can see.
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin:
        process.stdin.write(secrets.token_urlsafe(24).encode())
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_it_answers(server: Server, log: IO[bytes]) -> None:
    """Wait until it is our server, behind its guard, that answers: it takes a code away.

    Between the choice of a port and the start somebody else may have taken it, perhaps another course,
    which would answer as ours does; but nobody else can remove a file from our folder of codes.
    """
    address = server.new_address()
    deadline = time.monotonic() + 60
    first_answer = None
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            log.seek(0)
            lines = log.read().decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else f"exit code {server.process.returncode}"
            raise WorkspaceError(f"the course's server did not start: {reason}")
        with contextlib.suppress(OSError, HTTPException):
            _ask(server, address)
            first_answer = first_answer or time.monotonic()
        if not any(server.codes.iterdir()):
            return
        if first_answer and time.monotonic() - first_answer > STRANGE_SECONDS:
            raise WorkspaceError(
                "the course's guard did not load, or another server answers at this port; choose "
                "another --port; if that does not help, install torchcamp again"
            )
        time.sleep(0.05)
    raise WorkspaceError("the course's server did not answer within a minute; try again")


def _ask(server: Server, address: str) -> None:
    """Open `address`, whatever is answered.

    Raises:
        OSError, HTTPException: nobody answers.
    """
    if server.socket is not None:
        with contextlib.closing(SocketConnection(server.socket, timeout=2)) as connection:
            connection.request("GET", address.removeprefix("http://localhost"))
            connection.getresponse().close()
        return
    # Never by way of a proxy: it does not reach this machine's own ports.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(address, timeout=2).close()
    except urllib.error.HTTPError as error:
        error.close()
