"""Refuse every request to the course's server that does not come from its own pages.

marimo loads it into every server of this environment, through its entry point
`marimo.server.asgi.lifespan`. It does nothing unless `torchcamp start` set TORCHCAMP_SERVER to the
address of the course.

Cookies know no ports: the browser sends a cookie of 127.0.0.1 to every other server on this machine
as well, and SameSite does not help, as ports are one site. But a cookie is sent only below its path.
So every start of the course has a random path of its own (`http://127.0.0.1:2718/RANDOM/`), which no
other page knows, and its cookie belongs to that path: other ports never see it. A host name of its
own (`RANDOM.localhost`) would do the same, but Safari and most programs do not resolve such names.
The path alone opens nothing: it stands in the browser's history. The cookie alone opens nothing
either.

A request is let in if all of these hold, and all are asked of every path and socket:

- it names this server as its Host;
- the page that sent it, where the browser names one (Origin), is ours;
- the browser says that it comes from one of our pages or from the user (Sec-Fetch-Site); from
  elsewhere only the home page can be opened, which starts no kernel;
- it has the path and the cookie, which the browser got for a code that is good once;
- it bears a mark of a browser: a socket, and whatever changes something, needs an Origin, the rest
  Origin or Sec-Fetch-Site. So a program gets nothing for a cookie alone;
- its route is one that the lessons need (`routes.py`).

Only then the request is passed on, with marimo's own token, which never leaves this process; marimo's
cookies are dropped on the way. The guard must run before all of marimo's own middleware, whose proxies
to language servers open sockets before any middleware of ours is called. Without the guard the home
page refuses everything, and `torchcamp start` does not start.

Behind a proxy (`torchcamp start --socket FILE`) the server has no port, but a Unix socket that only its
own account can connect to, and the proxy has asked who the user is. Then there is no secret path and no
cookie. All else holds: where a request comes from is asked as before, since a page elsewhere sends the
proxy's cookie along, and the routes are the same.
"""

import contextlib
import hmac
import os
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from torchcamp.course.server.codes import CODES, redeem
from torchcamp.course.server.routes import ASSETS, ICONS, OUTPUTS, is_answered

SERVER = "TORCHCAMP_SERVER"  # environment variable: the home page's address, secret path included
LISTENER = "TORCHCAMP_LISTENER"  # environment variable: the Unix socket, by its number, of a server behind a proxy
BEHIND_PROXY = "http://localhost/"  # the address of such a server's home page, for the proxy
HOST = re.compile(r"[\w.-]+(:\d+)?|\[[\da-fA-F:.]+\](:\d+)?", re.ASCII)
TOOLS = "TORCHCAMP_TOOLS"  # environment variable: set if marimo's terminal and files are wanted
GUARDED = "torchcamp.guarded"  # key in a request's scope: the guard has accepted it
ENTER = "/enter"  # with `?code=`: the way in
OURS = "/torchcamp/"  # the pages beside the lessons
SAFE = ("GET", "HEAD")  # what changes nothing

# Nothing is loaded from, sent to, or framed by another server. marimo's page has scripts inside it,
# its charts compile expressions, and widgets are modules that it makes itself (`blob:`, `data:`).
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob: {sockets}",
        "worker-src 'self' blob:",
        "frame-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors {framed_by}",
    ]
)
REPLACED = frozenset(
    {
        b"set-cookie",
        b"cache-control",
        b"content-security-policy",
        b"x-frame-options",
        b"x-content-type-options",
        b"referrer-policy",
        b"cross-origin-opener-policy",
        b"cross-origin-resource-policy",
    }
)


class Refused(Exception):
    """A request that is not let in; its message tells a person why."""


class Guard:
    """Lets in what comes from the course's own pages, and protects what they are answered.

    Args:
        app: marimo's server.
        home: the address of the home page: `http://127.0.0.1:2718/RANDOM/`, or `BEHIND_PROXY`.
        codes: the folder of the codes that open it.
        token: marimo's own token.
        tools: whether marimo's terminal, file browser and packages are wanted.
    """

    def __init__(
        self, app: ASGIApp, home: str, codes: Path, token: str, *, tools: bool = False
    ) -> None:
        address = urlsplit(home)
        self.app, self.codes, self.token, self.tools = app, codes, token, tools
        self.behind_proxy = home == BEHIND_PROXY
        self.hosts = (f"127.0.0.1:{address.port}", f"localhost:{address.port}")
        if self.behind_proxy:
            self.hosts = ("localhost",)
        self.root = address.path.rstrip("/")
        self.cookie_name = f"torchcamp_{address.port}"
        self.cookie = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = _headers(scope)
        host = headers.get("host", "")
        host = host if self._is_served(host) else self.hosts[0]
        sockets = f"ws://{host} wss://{host}" if self.behind_proxy else f"ws://{host}"
        path = scope["path"].removeprefix(self.root)
        protecting = _protecting(send, sockets, path)
        try:
            self._require_own(scope, headers)
            if scope["type"] == "http" and scope["path"] == ENTER:
                self._require_code(scope)
                answer = RedirectResponse(f"{self.root}/", status_code=303)
                await answer(scope, receive, _protecting(self._giving_cookie(send), sockets))
                return
            if scope["type"] == "http" and scope["path"].startswith(ASSETS):
                self._require_site(headers)
                inner = self._passed_on(scope, scope["path"])
            else:
                inner = self._require_allowed(scope, headers)
        except Refused as refused:
            home = ""
            if self.behind_proxy:  # which takes a prefix away that we do not know
                home = "../" * (path.count("/") - 1) or "./"
            elif scope["path"].startswith(f"{self.root}/") and self._has_cookie(headers):
                home = f"{self.root}/"
            await refuse(
                scope, receive, protecting, str(refused), home, behind_proxy=self.behind_proxy
            )
            return
        is_lesson = inner["path"] == "/" and bool(inner["query_string"])
        shares = is_lesson and not self.behind_proxy  # whose address is always the same
        await self.app(inner, receive, _with_shared_assets(protecting) if shares else protecting)

    def _is_served(self, host: str) -> bool:
        """Whether `host` names this server. A proxy may have any name: its cookies belong to it."""
        return bool(HOST.fullmatch(host)) if self.behind_proxy else host in self.hosts

    def _require_own(self, scope: Scope, headers: dict[str, str]) -> None:
        """Whether it is addressed to this server, and sent by one of its pages or by none."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_served(host):
            raise Refused("it is addressed to another server")
        own = {f"http://{host}", f"https://{host}"} if self.behind_proxy else {f"http://{host}"}
        if not (origin is None or origin in own):
            raise Refused("another page sent it")

    def _require_code(self, scope: Scope) -> None:
        """Whether it brings a code that nobody has used."""
        code = parse_qs(scope["query_string"].decode("latin-1")).get("code", [""])[0]
        if scope["method"] != "GET" or not redeem(self.codes, code):
            raise Refused("this address has been used; each opens the course once")

    def _giving_cookie(self, send: Send) -> Send:
        cookie = f"{self.cookie_name}={self.cookie}; Path={self.root}; HttpOnly; SameSite=Lax"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            await send(message)

        return send_with_cookie

    def _require_allowed(self, scope: Scope, headers: dict[str, str]) -> Scope:
        """The request as marimo gets it, if it may."""
        if not scope["path"].startswith(f"{self.root}/"):
            raise Refused("it lacks the key of the course")
        path = scope["path"].removeprefix(self.root)
        is_read = scope["type"] == "http" and scope["method"] in SAFE
        is_home = is_read and path == "/" and not scope["query_string"]
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        is_opened = headers.get("sec-fetch-mode") == "navigate" and (
            headers.get("sec-fetch-dest") == "document"
        )
        if not (is_home and is_opened):
            self._require_site(headers)
        if origin is None and not (is_read and site):
            raise Refused(
                "it does not come from a browser that says which page sent it"
                + (", and browsers say so over https only" if self.behind_proxy else "")
            )
        # A browser asks for the icons and the manifest of a page without its cookies.
        is_let_in = self.behind_proxy or self._has_cookie(headers)
        if not (is_read and path in ICONS) and not is_let_in:
            raise Refused("this browser has not been let in")
        if not (path.startswith(OURS) or is_answered(path, tools=self.tools)):
            raise Refused("the course does not use this; torchcamp start --tools allows it")
        return self._passed_on(scope, path)

    def _require_site(self, headers: dict[str, str]) -> None:
        """Whether, as far as the browser says, a page of ours asks, or the user."""
        if headers.get("sec-fetch-site") not in (None, "same-origin", "none"):
            raise Refused("a page of another server led here")

    def _has_cookie(self, headers: dict[str, str]) -> bool:
        # Another server may set a cookie of the same name; then the browser sends both.
        pairs = [each.strip().partition("=") for each in headers.get("cookie", "").split(";")]
        values = [value for name, _, value in pairs if name == self.cookie_name]
        return any(hmac.compare_digest(value.encode(), self.cookie.encode()) for value in values)

    def _passed_on(self, scope: Scope, path: str) -> Scope:
        """The request below `/`, with marimo's token in place of our cookie."""
        raw = scope.get("raw_path")
        headers = [
            (key, value)
            for key, value in scope["headers"]
            if key.lower() not in (b"cookie", b"authorization")
        ]
        headers.append((b"authorization", f"Bearer {self.token}".encode()))
        own = {"path": path, "headers": headers, GUARDED: True}
        if raw is not None:
            own["raw_path"] = raw.removeprefix(self.root.encode())
        return {**scope, **own}


@contextlib.asynccontextmanager
async def guarded(app: Starlette) -> AsyncIterator[None]:
    """Put the guard in front of all middleware, for as long as the server runs."""
    home = os.environ.get(SERVER)
    if home is None or app.middleware_stack is None:
        yield
        return
    from torchcamp.course.server.sitting import sitting  # it loads marimo, which `start` does not

    # uvicorn begins to listen after this, and on no port if it has a socket.
    if listener := os.environ.pop(LISTENER, None):
        app.state.server.config.fd = int(listener)
    app.middleware_stack = Guard(
        app.middleware_stack,
        home,
        Path(os.environ[CODES]),
        str(app.state.session_manager.auth_token),
        tools=TOOLS in os.environ,
    )
    async with sitting(app):
        yield


def _headers(scope: Scope) -> dict[str, str]:
    """Names in lower case; a header that comes twice keeps both values, as one cookie's may."""
    headers: dict[str, str] = {}
    for key, value in scope["headers"]:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]}; {text}" if name in headers else text
    return headers


def _protecting(send: Send, sockets: str, path: str = "/") -> Send:
    """Add what the browser must know to every answer; cookies other than ours are dropped.

    `sockets` are the origins that the page may open sockets to, beside what `'self'` covers.

    marimo's own files, whose names change with their content, are kept by the browser: a lesson loads
    about 250 of them, and without this all would be requested again whenever it is opened. All else
    is never kept.
    """

    async def send_protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = path.startswith(ASSETS) and message["status"] == 200
            in_frame = path.startswith(OUTPUTS)  # a lesson shows such files in frames of its own
            policy = POLICY.format(sockets=sockets, framed_by="'self'" if in_frame else "'none'")
            dropped = REPLACED | {b"vary"} if kept else REPLACED
            headers = [(k, v) for k, v in message["headers"] if k.lower() not in dropped]
            cache = b"private, max-age=2592000, immutable" if kept else b"no-store"
            message["headers"] = [
                *headers,
                (b"cache-control", cache),
                (b"content-security-policy", policy.encode("latin-1")),
                (b"x-frame-options", b"SAMEORIGIN" if in_frame else b"DENY"),
                (b"x-content-type-options", b"nosniff"),
                (b"referrer-policy", b"same-origin"),  # to others, our path would be told
                (b"cross-origin-opener-policy", b"same-origin"),
                (b"cross-origin-resource-policy", b"same-origin"),
            ]
        await send(message)

    return send_protected


def _with_shared_assets(send: Send) -> Send:
    """Let a lesson's page name marimo's files without the secret path, which every start changes."""
    start: list[Message] = []
    body = bytearray()

    async def send_page(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body"):
            return
        page = bytes(body).replace(b'"./assets/', f'"{ASSETS}'.encode())
        rest = [(k, v) for k, v in start[0]["headers"] if k.lower() != b"content-length"]
        start[0]["headers"] = [*rest, (b"content-length", str(len(page)).encode())]
        await send(start[0])
        await send({"type": "http.response.body", "body": page})

    return send_page


async def refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    reason: str = "",
    home: str = "",
    *,
    behind_proxy: bool = False,
) -> None:
    """Answer a request with 403, or close a socket with 1008.

    Args:
        reason: why, as the rest of a sentence.
        home: the path of the home page, for a browser that has been let in.
        behind_proxy: there is no terminal that prints addresses.
    """
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": reason[:100]})
        return
    answer: Any = PlainTextResponse(f"torchcamp: refused: {reason or 'not let in'}\n", 403)
    if "text/html" in _headers(scope).get("accept", ""):
        from torchcamp.pages.page import render_page

        page = render_page(
            "course/server/refused.html",
            title="Not opened",
            reason=reason,
            home=home,
            behind_proxy=behind_proxy,
        )
        answer = HTMLResponse(page, 403)
    await answer(scope, receive, send)
