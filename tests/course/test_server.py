"""The course's server: who gets in, what `/` shows, and how it ends."""

import asyncio
import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import marimo
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.conftest import hears_ctrl_c
from torchcamp.base.errors import WorkspaceError
from torchcamp.course.server.home import ERRORS, home_page
from torchcamp.course.server.launch import free_port, serve
from torchcamp.course.workspace import prepare_workspace


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A running course: its address with the token, and its port."""
    folder = prepare_workspace(tmp_path_factory.mktemp("course"))
    port = free_port()
    with serve(folder, port) as server:
        yield server.address, port


def get(url: str, **headers: str) -> tuple[int, str, str]:
    """Status, text and cookie of a request."""
    request = urllib.request.Request(url, headers=headers)
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    try:
        with opener.open(request, timeout=20) as answer:
            pairs = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
            return answer.status, answer.read().decode(), pairs
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), ""


def test_with_the_token_comes_the_home_page(course: tuple[str, int]):
    address, _ = course
    status, text, cookie = get(address)
    assert status == 200
    assert "Convolutional network on MNIST" in text
    assert "/?file=cnn.py" in text
    assert "access_token" not in text
    assert cookie


def test_the_errors_page_is_linked_and_shown_to_those_who_are_let_in(course: tuple[str, int]):
    address, port = course
    _, text, cookie = get(address)
    assert f'href="{ERRORS}"' in text
    status, text, _ = get(f"http://127.0.0.1:{port}{ERRORS}", Cookie=cookie)
    assert status == 200
    assert "<h1>Errors you will meet</h1>" in text
    assert "/?file=autograd.py&amp;view-as=present" in text
    assert "Errors you will meet" not in get(f"http://127.0.0.1:{port}{ERRORS}")[1]


def test_without_the_token_comes_a_login(course: tuple[str, int]):
    _, port = course
    status, text, _ = get(f"http://127.0.0.1:{port}/")
    assert "Convolutional network" not in text
    assert status in (200, 401)
    assert "password" in text.lower()


def test_it_listens_on_127_0_0_1_only(course: tuple[str, int]):
    """A server on all addresses would answer on 127.0.0.2 as well."""
    _, port = course
    for host, answers in (("127.0.0.1", True), ("127.0.0.2", False)):
        with socket.socket() as probe:
            probe.settimeout(2)
            assert (probe.connect_ex((host, port)) == 0) == answers, host


def test_a_foreign_host_is_refused(course: tuple[str, int]):
    address, _ = course
    assert get(address, Host="evil.test")[0] == 403


FOREIGN = ["http://evil.test", "http://127.0.0.1:1", "http://localhost:{port}", "null"]
SOCKETS = ["/ws?session_id=s&file=cnn.py", "/terminal/ws", "/ws_sync?file=cnn.py", "/lsp/pylsp"]


async def knock(port: int, path: str, origin: str | None, cookie: str) -> int | None:
    """HTTP status of a refused socket, or None when it was let in."""
    try:
        async with connect(
            f"ws://127.0.0.1:{port}{path}",
            origin=origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookie},
            open_timeout=20,
        ):
            return None
    except InvalidStatus as error:
        return error.response.status_code


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", SOCKETS)
def test_another_page_is_refused_on_every_socket_even_with_the_cookie(
    course: tuple[str, int], path: str, origin: str
):
    address, port = course
    cookie = get(address)[2]
    assert asyncio.run(knock(port, path, origin.format(port=port), cookie)) == 403


def test_our_own_page_is_let_in(course: tuple[str, int]):
    """The refusals above are not for want of a cookie or of the socket."""
    address, port = course
    cookie = get(address)[2]
    own = f"http://127.0.0.1:{port}"
    assert asyncio.run(knock(port, SOCKETS[1], own, cookie)) is None
    assert asyncio.run(knock(port, SOCKETS[1], own, "")) == 403  # and the token is still needed


def test_the_browser_keeps_marimos_files_and_nothing_else(course: tuple[str, int]):
    """Their names change with their content; they vary with no cookie, which every start makes new."""
    _, port = course
    page = (Path(marimo.__file__).parent / "_static" / "index.html").read_text()
    asset = page.split("./assets/", 1)[1].split('"', 1)[0]
    for path, kept in ((f"/assets/{asset}", True), ("/health", False), ("/", False)):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            is_kept = "immutable" in (answer.headers["cache-control"] or "")
            assert is_kept == kept, path
            assert not (kept and answer.headers["vary"]), path


def test_another_page_may_not_post_either(course: tuple[str, int]):
    address, port = course
    cookie = get(address)[2]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/kernel/run",
        data=b"{}",
        headers={"Origin": "http://127.0.0.1:1", "Cookie": cookie},
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request, timeout=20)
    assert raised.value.code == 403
    raised.value.close()


def test_a_port_in_use_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(WorkspaceError, match="in use"):
            free_port(taken.getsockname()[1])


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_start_prints_an_address_and_ends_with_its_server(tmp_path: Path, end: signal.Signals):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "torchcamp", "start", "--no-browser", "--port", str(port)],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path)},
        preexec_fn=hears_ctrl_c,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == f"workspace: {tmp_path / 'torchcamp'}\n"
    address = re.search(r"http://\S+", process.stdout.readline())
    assert address
    assert get(address.group())[0] == 200
    process.send_signal(end)
    assert process.wait(timeout=20) == 0
    process.stdout.close()
    with pytest.raises(OSError):  # noqa: PT011 - whichever way a closed port refuses
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2)


def test_the_home_page_opens_with_a_damaged_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = prepare_workspace(tmp_path / "camp")
    (folder / ".torchcamp" / "progress.json").write_text("{ torn")
    monkeypatch.setenv("TORCHCAMP_WORKSPACE", str(folder))
    page = home_page()
    assert "Your progress cannot be read" in page
    assert "Convolutional network on MNIST" in page


def test_it_is_asked_whether_it_answers_without_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A proxy does not reach this machine's own ports; a user who has one must get their course."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # it remembers the proxies of before
    with serve(prepare_workspace(tmp_path / "camp"), free_port()) as server:
        assert server.process.poll() is None
