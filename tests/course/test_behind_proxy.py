"""The course behind a proxy that lets people in: on a Unix socket, with no port, and guarded still."""

import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.course.test_guard import EVIL, KNOCKED, Door, concrete
from tests.processes import (
    descendants,
    linux_only,
    listens_on_a_port,
    living,
    wait_until_ended,
)
from torchcamp.base.errors import WorkspaceError
from torchcamp.course.server.guard import SERVER
from torchcamp.course.server.home import ERRORS
from torchcamp.course.server.launch import Server, serve
from torchcamp.course.server.launcher import setup_torchcamp
from torchcamp.course.server.routes import ASSETS, ICONS
from torchcamp.course.workspace import prepare_workspace

HUB = "hub.example:8443"  # what the browser calls the proxy


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("camp")
    path = folder / "socket"
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(path))  # and nobody listens: it is replaced
    with serve(prepare_workspace(folder), behind=path) as server:
        yield server
    assert not path.exists()


@pytest.fixture
def door(server: Server) -> Iterator[Door]:
    made = Door(server)
    yield made
    made.connection.close()


def ours(method: str = "GET") -> dict[str, str | None]:
    """What a page of the course sends, as the proxy passes it on."""
    headers: dict[str, str | None] = {"Host": HUB, "Sec-Fetch-Site": "same-origin"}
    return headers if method == "GET" else headers | {"Origin": f"https://{HUB}"}


def test_its_pages_work_under_any_prefix(door: Door):
    """The proxy takes its prefix away, so nothing on a page may begin at the server's root."""
    for path in ("/", ERRORS, "/?file=cnn.py&view-as=present"):
        page = door.knock("GET", path, ours())
        assert page.status == 200
        found = re.findall(r'\b(?:href|src|action)="([^"]+)"', page.body.decode())
        assert [link for link in found if link.startswith("/") or "://" in link] == []
        assert found
    lesson = page.body.decode()
    assert '<script src="torchcamp/sitting.js" data-proxied>' in lesson
    script = re.search(r'src="\./(assets/[^"]+\.js)"', lesson)
    assert script
    assert door.knock("GET", f"/{script.group(1)}", ours()).status == 200


def test_the_proxys_own_pages_open_a_socket_and_change_things(door: Door):
    path = "/ws?session_id=s_proxy1&file=cnn.py"
    assert door.knock("WEBSOCKET", path, ours("WEBSOCKET")).status == 101
    for scheme in ("http", "https"):
        headers = ours("POST") | {"Origin": f"{scheme}://{HUB}"}
        assert door.knock("POST", "/api/kernel/interrupt", headers).status not in (403, 404)
    policy = door.knock("GET", "/", ours()).headers["content-security-policy"]
    assert f"wss://{HUB}" in policy  # where a browser does not count it to 'self'
    assert "frame-ancestors 'none'" in policy


def strange() -> Iterator[tuple[str, dict[str, str | None]]]:
    """By name: what differs from a request of our page."""
    yield "another site", {"Sec-Fetch-Site": "cross-site"}
    yield "another port", {"Sec-Fetch-Site": "same-site"}
    yield "a program", {"Origin": None, "Sec-Fetch-Site": None}
    yield (
        "a frame",
        {
            "Sec-Fetch-Site": "same-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "iframe",
        },
    )
    for each in EVIL:
        yield f"Origin {each}", {"Origin": each.format(port=8443)}
    yield "no Host", {"Host": ""}
    yield "a Host that would write the policy", {"Host": f"{HUB}; script-src *"}


def test_pages_of_others_get_nothing(door: Door):
    """The proxy's cookie comes with what they send; it is refused all the same."""
    let_in = []
    for name, change in strange():
        for method, path in KNOCKED:
            path = concrete(path)
            if name == "a program" and (path in ICONS or path.startswith(ASSETS)):
                continue  # marimo's own, the same for everybody
            answer = door.knock(method, path, {**ours(method), **change})
            if answer.status != 403:
                let_in.append((name, method, path, answer.status))
            assert "script-src *" not in str(answer.headers)
    assert let_in == []


def test_a_link_leads_to_the_home_page_and_no_further(door: Door):
    link = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
        "Accept": "text/html",
    }
    assert door.knock("GET", "/", ours() | link).status == 200
    lesson = door.knock("GET", "/?file=cnn.py", ours() | link)
    assert (lesson.status, b'href="./"' in lesson.body) == (403, True)
    errors = door.knock("GET", ERRORS, ours() | link)
    assert (errors.status, b'href="../"' in errors.body) == (403, True)  # `/torchcamp/errors`
    assert b"https" in errors.body
    assert b"press Enter" not in errors.body  # there is no terminal


def test_only_its_account_can_connect(server: Server):
    assert server.socket
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o600


@linux_only
def test_it_listens_on_no_port(server: Server):
    assert not listens_on_a_port(server.process.pid)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert listens_on_a_port(os.getpid())  # so it would have been seen


def test_a_socket_that_is_in_use_is_not_taken_away(server: Server, door: Door, tmp_path: Path):
    with pytest.raises(WorkspaceError, match=r"cannot listen .* in use; .*--socket"):
        serve(prepare_workspace(tmp_path / "other"), behind=server.socket).__enter__()
    assert door.knock("GET", "/", ours()).status == 200


@pytest.mark.parametrize(
    ("name", "reason"), [("a" * 120, "too long"), ("there/socket", "No such file")]
)
def test_a_socket_that_cannot_be_made_is_explained(tmp_path: Path, name: str, reason: str):
    folder = prepare_workspace(tmp_path / "camp")
    with pytest.raises(WorkspaceError, match=f"cannot listen on the socket .*{reason}"):
        serve(folder, behind=tmp_path / name).__enter__()


@linux_only
def test_jupyter_server_proxy_is_told_how_to_start_it(tmp_path: Path):
    """The command is what the entry point says; it ends with whoever started it, however that ends."""
    told = setup_torchcamp()
    icon = Path(told["launcher_entry"]["icon_path"])
    assert icon.read_text(encoding="utf-8").startswith("<svg")
    assert told["unix_socket"] is True
    path = tmp_path / "socket"
    command = [each.format(unix_socket=path) for each in told["command"]]
    (tmp_path / "random.py").write_text("raise SystemExit('the learner\\'s file was imported')")
    jupyter = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess; subprocess.run({command!r})"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != SERVER}
        | {"HOME": str(tmp_path / "home")},
    )
    started: dict[int, str] = {}
    try:
        deadline = time.monotonic() + 60
        while not answers(path):
            assert jupyter.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        started = descendants(jupyter.pid)
        assert (tmp_path / "home" / "torchcamp" / ".torchcamp").is_dir()
    finally:
        jupyter.kill()
        jupyter.wait()
    assert len(started) >= 2
    try:
        wait_until_ended(started, 15)
    finally:
        for pid in living(started):
            os.kill(pid, signal.SIGKILL)


def answers(path: Path) -> bool:
    """Whether the course answers on `path`."""
    server = Server(home="http://localhost/", codes=path, process=None, socket=path)  # type: ignore[arg-type]
    door = Door(server)
    try:
        return door.knock("GET", "/", ours()).status == 200
    except OSError:
        return False
    finally:
        door.connection.close()
