"""Refuse every request to the course's server that does not come from its own pages.

marimo loads it into every server of this environment, through its entry point
`marimo.server.asgi.lifespan`. It does nothing unless `torchcamp start` set TORCHCAMP_SERVER to the
server's `host:port`.

marimo's token keeps strangers out, but cookies are shared between ports. A page of any other local
server, opened in the same browser, would send our cookie along and get a shell through
/terminal/ws. So each request must name this server as its Host, and if the browser names the page
that made the request (Origin), that page must be ours. This applies to every path and every socket.
The guard must run before all of marimo's own middleware, whose proxies to language servers open
sockets before any middleware of ours is called. Without the guard the home page refuses everything.
"""

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SERVER = "TORCHCAMP_SERVER"  # environment variable: host:port that the browser sees
GUARDED = "torchcamp.guarded"  # key in a request's scope: the guard has accepted it


class Guard:
    """Refuses requests that are not addressed to this server or that come from another page."""

    def __init__(self, app: ASGIApp, server: str) -> None:
        self.app, self.server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            if not is_own(scope, self.server):
                await refuse(scope, receive, send)
                return
            scope[GUARDED] = True
        await self.app(scope, receive, _cached(send) if _is_asset(scope) else send)


@contextlib.asynccontextmanager
async def guarded(app: Starlette) -> AsyncIterator[None]:
    """Put the guard in front of all middleware, for as long as the server runs."""
    server = os.environ.get(SERVER)
    if server is not None and app.middleware_stack is not None:
        from torchcamp.course.server.sitting import (
            sitting,
        )  # it loads marimo, which `start` does not

        app.middleware_stack = Guard(app.middleware_stack, server)
        async with sitting(app):
            yield
    else:
        yield


def _is_asset(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"].startswith("/assets/")


def _cached(send: Send) -> Send:
    """Let the browser cache marimo's own files, whose names change with their content.

    A lesson loads about 250 of them; without this, all are requested again whenever it is opened.
    """

    async def send_cacheable(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            # `vary` is dropped: the cookie changes with every start, but these files do not.
            replaced = (b"cache-control", b"vary")
            headers = [(k, v) for k, v in message["headers"] if k.lower() not in replaced]
            headers.append((b"cache-control", b"private, max-age=2592000, immutable"))
            message["headers"] = headers
        await send(message)

    return send_cacheable


def is_own(scope: Scope, server: str) -> bool:
    """Whether a request is addressed to `server` and comes from one of its pages or from no page."""
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    host, origin = headers.get("host", ""), headers.get("origin")
    port = server.rpartition(":")[2]
    if host not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return False
    return origin is None or origin == f"http://{host}"


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with 403, or close a socket with 1008."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "request from another page"})
        return
    answer: Any = PlainTextResponse(
        "torchcamp: refused: this request does not come from a page of the course.\n", 403
    )
    await answer(scope, receive, send)
