"""The guard at the door of the course's server.

marimo loads it into every server of this environment, through its entry point
`marimo.server.asgi.lifespan`. It does nothing unless `torchcamp start` set TORCHCAMP_SERVER to the
server's `host:port`.

marimo's token keeps strangers out, but a cookie does not know ports. A page of any
other local server, opened in the same browser, would send it along and get a shell through
/terminal/ws. So each request must name this server as its Host, and where a browser says which
page asks (Origin), that page must be ours. This holds for every path and every socket. It has to stand
before all of marimo's own middleware: its proxies to language servers open sockets of their own
before a middleware of ours would be asked. Without the guard the home page refuses everything.
"""

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SERVER = "TORCHCAMP_SERVER"  # environment variable: host:port that the browser sees
GUARDED = "torchcamp.guarded"  # key of a request's scope: the guard let it in


class Guard:
    """Refuses what is not addressed to us or comes from another page."""

    def __init__(self, app: ASGIApp, server: str) -> None:
        self.app, self.server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            if not is_own(scope, self.server):
                await refuse(scope, receive, send)
                return
            scope[GUARDED] = True
        await self.app(scope, receive, _kept(send) if _is_asset(scope) else send)


@contextlib.asynccontextmanager
async def guarded(app: Starlette) -> AsyncIterator[None]:
    """For the life of the server, put the guard in front of everything that it is built of."""
    server = os.environ.get(SERVER)
    if server is not None and app.middleware_stack is not None:
        app.middleware_stack = Guard(app.middleware_stack, server)
    yield


def _is_asset(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"].startswith("/assets/")


def _kept(send: Send) -> Send:
    """Lets the browser keep marimo's own files, whose names change with their content.

    A lesson asks for some 250 of them; without this each is asked for again on every opening.
    """

    async def keeping(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            # They vary with no cookie: the token, and so the cookie, is new with every start.
            replaced = (b"cache-control", b"vary")
            headers = [(k, v) for k, v in message["headers"] if k.lower() not in replaced]
            headers.append((b"cache-control", b"private, max-age=2592000, immutable"))
            message["headers"] = headers
        await send(message)

    return keeping


def is_own(scope: Scope, server: str) -> bool:
    """Whether a request is addressed to `server` and comes from one of its own pages or none."""
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    host, origin = headers.get("host", ""), headers.get("origin")
    port = server.rpartition(":")[2]
    if host not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return False
    return origin is None or origin == f"http://{host}"


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 403 to a request, and close a socket with 1008."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "another page asked"})
        return
    answer: Any = PlainTextResponse("torchcamp: this request comes from another page.\n", 403)
    await answer(scope, receive, send)
