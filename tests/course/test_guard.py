"""Nobody comes in: every route that marimo and we have, knocked at by those who should stay outside.

The routes are listed from the installed routers. A route that a new marimo brings fails here until it
stands in one of the tables of `routes.py`.
"""

import http.client
import importlib.metadata
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from marimo._server.api.router import build_routes
from starlette.routing import Mount, Route, WebSocketRoute

from tests.course.entering import entered
from torchcamp.course.server import home
from torchcamp.course.server.codes import new_code, redeem
from torchcamp.course.server.guard import ENTER
from torchcamp.course.server.home import ERRORS, GLOSSARY
from torchcamp.course.server.launch import Server, SocketConnection, free_port, serve
from torchcamp.course.server.routes import (
    ASSETS,
    ICONS,
    LESSON_FILES,
    LESSONS,
    NEVER,
    OUTPUTS,
    TOOL_FILES,
    TOOLS,
    is_answered,
)
from torchcamp.course.workspace import prepare_workspace

EVIL = (
    "http://evil.test",
    "http://127.0.0.1:1",
    "http://localhost:1",
    "https://127.0.0.1:{port}",
    "null",
)
EVIL_HOSTS = ("evil.test:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.2:{port}", "127.0.0.1.evil.test:{port}")  # fmt: skip


def marimos_routes(routes: Any = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of each; of a socket, the method WEBSOCKET."""
    for each in build_routes("") if routes is None else routes:
        if isinstance(each, Mount):
            if each.routes:
                yield from marimos_routes(each.routes, before + each.path)
            else:
                yield "GET", f"{before}{each.path}/"
        elif isinstance(each, WebSocketRoute):
            yield "WEBSOCKET", before + each.path
        else:
            assert isinstance(each, Route)
            for method in sorted((each.methods or set()) - {"HEAD"}):
                yield method, before + each.path


def proxied() -> Iterator[tuple[str, str]]:
    """Language servers, which marimo's middleware answers without a route."""
    from marimo._server import lsp

    for each in vars(lsp).values():
        if isinstance(each, type) and issubclass(each, lsp.BaseLspServer) and hasattr(each, "id"):
            yield "WEBSOCKET", f"/lsp/{each.id}"


OURS = [
    ("GET", value)
    for value in vars(home).values()
    if isinstance(value, str) and value.startswith("/torchcamp/")
]
KNOCKED = [*marimos_routes(), *proxied(), *OURS]
FILLED = {"{path:path}": "favicon.ico", "{filepath:path}": "a.txt", "{filename_and_length:path}": "10-a.txt"}  # fmt: skip


def concrete(path: str) -> str:
    for parameter, value in FILLED.items():
        path = path.replace(parameter, value)
    assert "{" not in path, f"say in FILLED what stands for the parameter of {path}"
    return f"{path}index.js" if path == ASSETS else path


def test_every_route_of_marimo_has_been_looked_at():
    """A new one stands in no table, and is refused; one that has gone should leave its table."""
    plain = {path for _, path in marimos_routes() if "{" not in path and path != ASSETS}
    tables = (LESSONS, TOOLS, NEVER)
    assert plain == frozenset().union(*tables)
    assert sum(map(len, tables)) == len(plain)  # each in one table
    files = {path.partition("{")[0] for _, path in marimos_routes() if "{" in path} | {ASSETS}
    assert files == {*LESSON_FILES, "/"}  # "/" stands for the icons, by name
    assert len(list(proxied())) >= 1
    assert all(path.startswith(TOOL_FILES) for _, path in proxied())


def test_nothing_but_marimo_and_we_stand_in_the_server():
    """Another package's middleware would answer on routes that are not listed here."""
    for group in ("marimo.server.asgi.middleware", "marimo.server.asgi.lifespan"):
        found = {
            each.value.partition(":")[0] for each in importlib.metadata.entry_points(group=group)
        }
        assert {name.partition(".")[0] for name in found} == {"torchcamp"}, found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(prepare_workspace(tmp_path_factory.mktemp("camp")), free_port()) as server:
        yield server


@pytest.fixture(scope="module")
def cookie(server: Server) -> str:
    return entered(server)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Door:
    """One connection, kept: more than a thousand knocks in a second or two."""

    def __init__(self, server: Server) -> None:
        self.address = urlsplit(server.home)
        self.root = self.address.path.rstrip("/")
        self.own = f"http://{self.address.netloc}"
        self.connection = (
            SocketConnection(server.socket, timeout=20)
            if server.socket
            else http.client.HTTPConnection("127.0.0.1", self.address.port or 0, timeout=20)
        )

    def knock(self, method: str, path: str, headers: Mapping[str, str | None]) -> Answer:
        """What is answered; a header of None is left out."""
        sent = {"Host": self.address.netloc} | {k: v for k, v in headers.items() if v is not None}
        if method == "WEBSOCKET":
            sent |= {
                "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            }  # fmt: skip
        self.connection.putrequest("GET" if method == "WEBSOCKET" else method, path, skip_host=True)
        for name, value in sent.items():
            self.connection.putheader(name, value)
        body = b"{}" if method == "POST" else b""
        self.connection.putheader("Content-Length", str(len(body)))
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        if answer.status == 101:
            self.connection.close()
            return Answer(101, {}, b"")
        return Answer(answer.status, dict(answer.headers.items()), answer.read())


@pytest.fixture
def door(server: Server) -> Iterator[Door]:
    made = Door(server)
    yield made
    made.connection.close()


def right(door: Door, cookie: str, method: str) -> dict[str, str | None]:
    """What a page of the course sends."""
    headers: dict[str, str | None] = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    return headers if method == "GET" else headers | {"Origin": door.own}


def wrong(door: Door, cookie: str) -> Mapping[str, Mapping[str, str | None]]:
    """By name: what is different from a request of our page."""
    port = str(door.address.port)
    forged = cookie.partition("=")[0] + "=" + "A" * 43
    knocks: dict[str, Mapping[str, str | None]] = {
        "no token": {"Cookie": None},
        "a wrong token": {"Cookie": forged},
        "an empty token": {"Cookie": cookie.partition("=")[0] + "="},
        "a bearer": {"Cookie": None, "Authorization": f"Bearer {cookie.partition('=')[2]}"},
        "no Origin": {"Origin": None},
        "no Origin, no site": {"Origin": None, "Sec-Fetch-Site": None},
        "another site": {"Sec-Fetch-Site": "cross-site"},
        "another port": {"Sec-Fetch-Site": "same-site"},
        "a frame": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        "a link": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    }  # fmt: skip
    knocks |= {f"Origin {each}": {"Origin": each.format(port=port)} for each in EVIL}
    return knocks | {f"Host {each}": {"Host": each.format(port=port)} for each in EVIL_HOSTS}


def test_nobody_comes_in(door: Door, cookie: str):
    """Every route, asked for with all that our page sends but for one thing."""
    let_in, tried = [], 0
    for name, change in wrong(door, cookie).items():
        for method, path in KNOCKED:
            path = concrete(path)
            if (path in ICONS and name in PUBLIC) or (path == "/" and name == "a link"):
                continue  # the next two tests
            if method == "GET" and name == "no Origin":
                continue  # a page's own GETs have none
            answer = door.knock(method, door.root + path, {**right(door, cookie, method), **change})
            tried += 1
            if answer.status != 403:
                let_in.append((name, method, path, answer.status))
    assert let_in == []
    assert tried > 1000


PUBLIC = ("no token", "a wrong token", "an empty token", "a bearer")


def test_whoever_knows_the_path_only_gets_icons(door: Door, cookie: str):
    """A browser asks for them without its cookies; they are marimo's, and the same for everybody."""
    for path in ICONS:
        answer = door.knock("GET", door.root + path, {"Sec-Fetch-Site": "same-origin"})
        assert answer.status in (200, 404), path
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_from_elsewhere_leads_to_the_home_page_and_no_further(
    door: Door, cookie: str, site: str
):
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    headers = {"Cookie": cookie, "Accept": "text/html", **link}
    opened = door.knock("GET", f"{door.root}/", headers)
    assert opened.status == 200
    assert b"Convolutional network on MNIST" in opened.body
    for query in ("?file=rnn.py", "?file=__new__", "?x"):
        refused = door.knock("GET", f"{door.root}/{query}", headers)
        assert refused.status == 403
        assert f'href="{door.root}/"' in refused.body.decode()  # the way on
    framed = door.knock("GET", f"{door.root}/", headers | {"Sec-Fetch-Dest": "iframe"})
    assert framed.status == 403


@pytest.mark.parametrize("root", ["", "/AAAAAAAAAAAAAAAAAAAAAA"])
def test_the_cookie_alone_opens_nothing(door: Door, cookie: str, root: str):
    """It is not sent to other ports; and whoever got hold of it would still lack the path."""
    let_in = []
    for method, path in KNOCKED:
        path = concrete(path)
        if root == "" and path.startswith(ASSETS):
            continue  # marimo's own scripts and styles are for everybody
        if door.knock(method, root + path, right(door, cookie, method)).status != 403:
            let_in.append((method, path))
    assert let_in == []
    assert door.knock("GET", f"{root}{ENTER}", right(door, cookie, "GET")).status == 403


def test_the_cookie_belongs_to_the_path(server: Server):
    """A browser sends a cookie to all ports of a host, but only below its path."""
    headers = entered(server, whole=True)
    attributes = {each.strip().partition("=")[0].lower(): each for each in headers.split(";")[1:]}
    assert attributes["path"].strip() == f"Path={urlsplit(server.home).path.rstrip('/')}"
    assert len(urlsplit(server.home).path) > 20
    assert {"httponly", "samesite"} <= attributes.keys()
    assert not {"domain", "max-age", "expires"} & attributes.keys()  # gone when the browser closes


def test_our_own_pages_are_let_in(door: Door, cookie: str):
    """The refusals above are for the one thing that was wrong."""
    for path in ("/", ERRORS, GLOSSARY, "/api/version", "/api/usage", "/public-files-sw.js", "/favicon.ico"):  # fmt: skip
        answer = door.knock("GET", door.root + path, right(door, cookie, "GET"))
        assert answer.status == 200, path
    answer = door.knock("POST", f"{door.root}/api/kernel/interrupt", right(door, cookie, "POST"))
    assert answer.status not in (403, 404)
    twice = {"Cookie": f"{cookie.partition('=')[0]}=planted; {cookie}"}
    assert door.knock("GET", f"{door.root}/", right(door, cookie, "GET") | twice).status == 200


def test_what_lessons_do_not_need_is_off(door: Door, cookie: str):
    answered = []
    for method, path in KNOCKED:
        if path in TOOLS | NEVER or path.startswith(TOOL_FILES):
            answer = door.knock(method, door.root + path, right(door, cookie, method))
            if answer.status != 403:
                answered.append((method, path))
    assert answered == []


def test_tools_are_on_when_asked_for_but_marimos_login_never_is(tmp_path: Path):
    assert all(is_answered(path, tools=True) for path in TOOLS | LESSONS)
    assert not any(is_answered(path, tools=True) for path in NEVER)
    with serve(prepare_workspace(tmp_path / "camp"), free_port(), tools=True) as server:
        cookie, door = entered(server), Door(server)
        socket = right(door, cookie, "WEBSOCKET")
        assert door.knock("WEBSOCKET", f"{door.root}/terminal/ws", socket).status == 101
        assert (
            door.knock("GET", f"{door.root}/auth/token", right(door, cookie, "GET")).status == 403
        )
        door.connection.close()


def test_a_code_opens_the_course_once(server: Server, tmp_path: Path):
    door = Door(server)
    path = server.new_address().removeprefix(door.own)
    assert door.knock("GET", path, {"Host": f"evil.test:{door.address.port}"}).status == 403
    assert door.knock("GET", path, {"Origin": "http://evil.test"}).status == 403
    opened = door.knock("GET", path, {"Sec-Fetch-Site": "cross-site"})  # from a file
    assert (opened.status, opened.headers["location"]) == (303, f"{door.root}/")
    again = door.knock("GET", path, {"Accept": "text/html"})
    assert again.status == 403
    assert b"this address has been used" in again.body
    assert door.root not in again.body.decode()
    assert "set-cookie" not in again.headers
    for code in ("", "A" * 22, "../codes", "%00", "\udce9"):
        assert not redeem(tmp_path, code)
    code = new_code(tmp_path)
    assert code not in " ".join(path.name for path in tmp_path.iterdir())
    assert redeem(tmp_path, code)
    assert not redeem(tmp_path, code)
    door.connection.close()


def test_every_answer_says_who_may_show_and_keep_it(door: Door, cookie: str):
    asked = [
        ("GET", ERRORS),
        ("GET", "/"),
        ("GET", "/?file=cnn.py"),
        ("GET", "/api/version"),
        ("GET", "/nothing"),
    ]
    for method, path in asked:
        headers = door.knock(method, door.root + path, right(door, cookie, method)).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert not re.search(r"https?://|\*", policy)  # no other server
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"  # the path is told to nobody
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers  # marimo's own is dropped
    framed = door.knock("GET", f"{door.root}{OUTPUTS}nothing", right(door, cookie, "GET"))
    assert "frame-ancestors 'self'" in framed.headers["content-security-policy"]


def test_a_refused_page_tells_what_to_do(door: Door):
    page = door.knock("GET", "/", {"Accept": "text/html", "Sec-Fetch-Site": "none"})
    assert page.status == 403
    assert b"press Enter" in page.body
    assert door.root not in page.body.decode()  # nobody learns the path by asking
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    plain = door.knock("GET", "/", {})
    assert plain.body.startswith(b"torchcamp: refused: ")


def test_files_outside_the_lessons_are_not_opened(door: Door, cookie: str):
    for path in ("/etc/passwd", "../answers/conv_net.py", "../../etc/passwd", "%2e%2e/runs"):
        answer = door.knock("GET", f"{door.root}/?file={path}", right(door, cookie, "GET"))
        assert answer.status in (403, 404), path
        assert b"root:" not in answer.body
    for path in (
        "/assets/../../../etc/passwd",
        "/assets/%2e%2e/index.html",
        "/public/..%2f..%2fetc/passwd",
    ):
        for root in ("", door.root):
            answer = door.knock("GET", root + path, right(door, cookie, "GET"))
            assert answer.status in (403, 404), path
