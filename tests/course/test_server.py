"""The course's server: who gets in, what `/` shows, and how it ends."""

import asyncio
import fcntl
import http.cookiejar
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import termios
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.conftest import hears_ctrl_c
from torchcamp.base.errors import WorkspaceError
from torchcamp.course.server import launch
from torchcamp.course.server.home import home_page
from torchcamp.course.server.launch import Server, free_port, serve
from torchcamp.course.workspace import prepare_workspace


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running course."""
    folder = prepare_workspace(tmp_path_factory.mktemp("course"))
    with serve(folder, free_port()) as server:
        yield server


def port_of(server: Server) -> int:
    return urlsplit(server.home).port or 0


def get(url: str, **headers: str) -> tuple[int, str, str]:
    """Status, text and cookie of a request, sent as by a browser whose user typed the address."""
    request = urllib.request.Request(url, headers={"Sec-Fetch-Site": "none"} | headers)
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    try:
        with opener.open(request, timeout=20) as answer:
            pairs = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
            return answer.status, answer.read().decode(), pairs
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), ""


def test_with_a_code_comes_the_home_page(course: Server):
    status, text, cookie = get(course.new_address())
    assert status == 200
    assert "Convolutional network on MNIST" in text
    assert 'href="./?file=cnn.py' in text
    assert cookie
    assert get(course.home, Cookie=cookie)[0] == 200


def test_the_errors_page_is_linked_and_shown_to_those_who_are_let_in(course: Server):
    _, text, cookie = get(course.new_address())
    [link] = re.findall('href="([^"]*/errors)"', text)
    address = urljoin(course.home, link)
    status, text, _ = get(address, Cookie=cookie)
    assert status == 200
    assert "<h1>Errors you will meet</h1>" in text
    lesson = re.findall('href="([^"]*file=autograd.py[^"]*)"', text)[0]
    assert urljoin(address, lesson).startswith(f"{course.home}?file=autograd.py")
    assert "Errors you will meet" not in get(address)[1]


def test_all_links_between_the_pages_lead_below_the_path_of_this_start(course: Server):
    """A link to `/` would leave the path, and with it the cookie."""
    _, _, cookie = get(course.new_address())
    seen: set[str] = set()
    left = [course.home]
    while left:
        address = left.pop()
        seen.add(address)
        status, text, _ = get(address, Cookie=cookie)
        assert status == 200, address
        for link in re.findall('(?:href|fetch\\()="?([^"#]+)"', text):
            target = urljoin(address, link.replace("&amp;", "&"))
            assert target.startswith((course.home, "data:", "https://")), (address, link)
            if target.startswith(course.home) and "?" not in target and target not in seen:
                left.append(target)
    assert len(seen) == 3, seen  # home, errors, glossary


def test_without_a_code_comes_the_way_in(course: Server):
    status, text, _ = get(f"http://127.0.0.1:{port_of(course)}/", Accept="text/html")
    assert "Convolutional network" not in text
    assert status == 403
    assert "press Enter" in text


def test_it_listens_on_127_0_0_1_only(course: Server):
    """A server on all addresses would answer on 127.0.0.2 as well."""
    port = port_of(course)
    for host, answers in (("127.0.0.1", True), ("127.0.0.2", False)):
        with socket.socket() as probe:
            probe.settimeout(2)
            assert (probe.connect_ex((host, port)) == 0) == answers, host


FOREIGN = ["http://evil.test", "http://127.0.0.1:1", "http://localhost:{port}", "null"]
SOCKETS = ["ws?session_id=s&file=cnn.py", "terminal/ws", "ws_sync?file=cnn.py", "lsp/pylsp"]


async def knock(course: Server, path: str, origin: str | None, cookie: str) -> int | None:
    """HTTP status of a refused socket, or None when it was let in."""
    try:
        async with connect(
            f"{course.home.replace('http', 'ws', 1)}{path}",
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
    course: Server, path: str, origin: str
):
    cookie = get(course.new_address())[2]
    foreign = origin.format(port=port_of(course))
    assert asyncio.run(knock(course, path, foreign, cookie)) == 403


def test_our_own_page_is_let_in(course: Server):
    """The refusals above are not for want of a cookie or of the socket."""
    cookie = get(course.new_address())[2]
    own = f"http://127.0.0.1:{port_of(course)}"
    assert asyncio.run(knock(course, SOCKETS[0], own, cookie)) is None
    assert asyncio.run(knock(course, SOCKETS[0], own, "")) == 403  # and the cookie is still needed


def test_the_browser_keeps_marimos_files_and_nothing_else(course: Server):
    """Their names change with their content, and every start has the same address for them."""
    cookie = get(course.new_address())[2]
    page = get(f"{course.home}?file=cnn.py", Cookie=cookie)[1]
    assert "./assets/" not in page
    asset = re.findall(r'"(/assets/[^"]+\.js)"', page)[0]
    for path, kept in ((asset, True), ("/assets/none.js", False), ("/", False)):
        address = f"http://127.0.0.1:{port_of(course)}{path}"
        try:
            answer = urllib.request.urlopen(address, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            is_kept = "immutable" in (answer.headers["cache-control"] or "")
            assert is_kept == kept, path
            assert not (kept and answer.headers["vary"]), path


def test_another_page_may_not_post_either(course: Server):
    cookie = get(course.new_address())[2]
    request = urllib.request.Request(
        f"{course.home}api/kernel/run",
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


def test_without_the_guard_the_course_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """marimo alone answers, but takes no code away."""
    monkeypatch.setattr(launch, "STRANGE_SECONDS", 0.5)
    folder = prepare_workspace(tmp_path / "camp")
    monkeypatch.setattr(launch, "SERVER", "TORCHCAMP_NOBODY_LOOKS_HERE")
    with pytest.raises(WorkspaceError, match="guard did not load"), serve(folder, free_port()):
        pass


def test_another_course_that_has_just_taken_the_port_is_not_mistaken_for_ours(
    course: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It answers at once, and refuses what it does not know, as ours would."""
    monkeypatch.setattr(launch, "free_port", lambda wanted: wanted)
    folder = prepare_workspace(tmp_path / "camp")
    with pytest.raises(WorkspaceError, match="did not start"), serve(folder, port_of(course)):
        pass
    assert get(course.new_address())[0] == 200


def test_enter_prints_another_address(tmp_path: Path):
    """On a terminal; each opens the course once."""
    ours, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "torchcamp", "start", "--no-browser", "--port", str(free_port())],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path)},
        stdin=terminal,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0),
    )
    try:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        assert "Enter prints another address" in lines[2]
        os.write(ours, b"\n")
        first, second = (
            each.removeprefix("open: ").strip() for each in (lines[1], process.stdout.readline())
        )
        assert first != second
        assert [get(each)[0] for each in (first, second, first)] == [200, 200, 403]
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout:
            process.stdout.close()
        os.close(ours)
        os.close(terminal)
