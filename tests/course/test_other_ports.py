"""What a page on another port of this machine gets, in the browser that has the course open."""

import http.server
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.conftest import LocalServer
from torchcamp.course.server.launch import Server, free_port, serve
from torchcamp.course.workspace import prepare_workspace

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(prepare_workspace(tmp_path_factory.mktemp("camp")), free_port()) as server:
        yield server


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A browser in which the course is open."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.new_address())
    assert page.url == server.home
    yield context
    context.close()


class Neighbour(LocalServer):
    """Another server on 127.0.0.1: what it shows, and the headers that it was sent."""

    def __init__(self) -> None:
        self.page, self.heard = "", [{}]
        super().__init__()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        self.heard.append({name.lower(): value for name, value in request.headers.items()})
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        request.wfile.write(self.page.encode())


@pytest.fixture
def neighbour() -> Iterator[Neighbour]:
    made = Neighbour()
    yield made
    made.close()


def test_it_is_sent_neither_the_cookie_nor_the_path(
    context: BrowserContext, server: Server, neighbour: Neighbour
):
    [cookie] = [each.get("value", "") for each in context.cookies()]
    assert len(cookie) > 20
    page = context.pages[0]
    page.evaluate("address => { location.href = address; }", neighbour.address)  # as by a link
    page.wait_for_url(f"{neighbour.address}/")
    page.goto(f"{neighbour.address}/enter?file=cnn.py")
    secret = server.home.rstrip("/").rpartition("/")[2]
    assert len(neighbour.heard) > 2
    for headers in neighbour.heard:
        assert "cookie" not in headers
        assert not any(cookie in text or secret in text for text in headers.values())


TRIES = """
async home => {
    const got = [];
    const ws = home.replace("http", "ws");
    const heard = (name, promise) => promise.then(
        answer => got.push(`${name}: ${answer}`), () => {});
    for (const path of ["", "?file=cnn.py", "api/version", "torchcamp/machine", "sse?session_id=a&file=cnn.py"]) {
        await heard(path, fetch(home + path, { credentials: "include" }).then(r => r.text()));
        await heard(path, fetch(home + path, { method: "POST", credentials: "include" }).then(r => r.text()));
    }
    for (const path of ["ws?session_id=a&file=cnn.py", "terminal/ws"]) {
        await heard(path, new Promise((resolve, reject) => {
            const socket = new WebSocket(ws + path);
            socket.onopen = () => resolve("open");
            socket.onerror = reject;
        }));
    }
    const frame = document.createElement("iframe");
    frame.src = home;
    document.body.append(frame);
    await heard("script", new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = home + "public-files-sw.js";
        script.onload = () => resolve("ran");
        script.onerror = reject;
        document.body.append(script);
    }));
    return got;
}
"""


def test_even_with_the_path_it_reads_frames_and_starts_nothing(
    context: BrowserContext, server: Server, neighbour: Neighbour
):
    """As if somebody had told it the path, which then also brings it the cookie."""
    page = context.pages[0]
    asked: list[str] = []
    answered: list[tuple[str, int]] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda answer: answered.append((answer.url, answer.status)))
    page.goto(neighbour.address)
    assert page.evaluate(TRIES, server.home) == []
    page.wait_for_timeout(300)
    assert sum(url.startswith(server.home) for url in asked) >= 12
    # What the browser lets nobody see is not listed; the frame is.
    ours = [(url, status) for url, status in answered if url.startswith(server.home)]
    assert (server.home, 403) in ours
    assert {status for _, status in ours} == {403}
    framed = [frame for frame in page.frames if frame != page.main_frame]
    assert all("Convolutional" not in frame.content() for frame in framed)

    neighbour.page = f'<a href="{server.home}?file=cnn.py&view-as=present">lesson</a>'
    page.goto(neighbour.address)
    page.get_by_role("link").click()
    page.get_by_role("heading", name="Not opened").wait_for()
    page.get_by_role("link", name="Open the course").click()
    page.get_by_role("heading", name="Read any PyTorch code.").wait_for()

    neighbour.page = f'<a href="{server.home}">home</a>'
    page.goto(neighbour.address)
    page.get_by_role("link").click()
    page.get_by_role("heading", name="Read any PyTorch code.").wait_for()


def test_the_page_that_opens_the_course(browser: Browser, server: Server, tmp_path: Path):
    """From a file, as `torchcamp start` does it; and again, from the history."""
    from torchcamp.pages.page import render_page

    file = tmp_path / "open-course.html"
    address = server.new_address()
    file.write_text(render_page("course/server/opening.html", title="Opening", address=address))
    context = browser.new_context()
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_url(server.home)
    page.reload()
    page.get_by_role("heading", name="Read any PyTorch code.").wait_for()
    context.clear_cookies()
    for kept in (address, server.home):
        page.goto(kept)
        page.get_by_role("heading", name="Not opened").wait_for()
    context.close()
