"""Our two pieces of the course's server: the guard at its door, and the home page.

marimo loads both into every server of this environment, through its entry points
`marimo.server.asgi.lifespan` and `marimo.server.asgi.middleware`. They do nothing unless
`torchcamp start` set TORCHCAMP_SERVER to the server's `host:port`.

The guard: marimo's token keeps strangers out, but a cookie does not know ports. A page of any
other local server, opened in the same browser, would send it along and get a shell through
/terminal/ws. So each request must name this server as its Host, and where a browser says which
page asks (Origin), that page must be ours. This holds for every path and every socket. It has to stand
before all of marimo's own middleware: its proxies to language servers open sockets of their own
before a middleware of ours would be asked. Without the guard the home page refuses everything.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from torchcamp.course import news
from torchcamp.course.catalog import Lesson, course

if TYPE_CHECKING:
    from torchcamp.course.progress import Standing

SERVER = "TORCHCAMP_SERVER"  # host:port that the browser sees
WORKSPACE = "TORCHCAMP_WORKSPACE"
GUARDED = "torchcamp.guarded"  # key of a request's scope: the guard let it in


class Guard:
    """Refuses what is not addressed to us or comes from another page."""

    def __init__(self, app: ASGIApp, server: str) -> None:
        self.app, self.server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            if not is_own(scope, self.server):
                await _refuse(scope, receive, send)
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


class HomePage:
    """Answers `/` with the course's home, to those who have the token; passes the rest on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.machine: dict[str, str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if SERVER not in os.environ or scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if GUARDED not in scope:
            await _refuse(scope, receive, send)
            return
        if scope["type"] == "http" and scope["method"] == "GET" and _is_known(scope):
            query = parse_qs(scope["query_string"].decode("latin-1"))
            if scope["path"] == "/" and "file" not in query:
                if "access_token" in query:  # the cookie is set with this answer
                    await RedirectResponse("/", status_code=303)(scope, receive, send)
                else:
                    await HTMLResponse(home_page())(scope, receive, send)
                return
            if scope["path"] == "/" and query.get("view-as") == ["present"]:
                news.mark_seen(_workspace(), Path(query["file"][0]).stem)
            if scope["path"] == "/torchcamp/machine":
                if self.machine is None:
                    self.machine = await _machine()
                await JSONResponse(self.machine)(scope, receive, send)
                return
        await self.app(scope, receive, send)


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


def _workspace() -> Path:
    return Path(os.environ.get(WORKSPACE, "."))


def home_page() -> str:
    """The course's home as HTML."""
    from torchcamp.course.progress import Progress, Standing
    from torchcamp.course.workspace import WorkspaceError
    from torchcamp.pages.page import render_page

    workspace = _workspace()
    progress = Progress(workspace)
    problem = ""
    try:
        standings = {name: progress.standing(name) for name in course().exercises}
    except WorkspaceError as error:
        problem = str(error)
        standings = {
            name: Standing(state="new", attempts=0, hints=0) for name in course().exercises
        }
    following = next((n for n, standing in standings.items() if not standing.passed), None)
    begun = any(standing.state != "new" for standing in standings.values())
    fresh = news.news(workspace)
    lessons = [
        {
            "lesson": lesson,
            "exercises": [(course().exercises[n], standings[n]) for n in lesson.exercises],
            "solved": sum(standings[n].passed for n in lesson.exercises),
            "total": len(lesson.exercises),
            "news": fresh.get(lesson.name, ""),
            "left": _minutes_left(lesson, standings),
        }
        for lesson in course().lessons
    ]
    return render_page(
        "home.html",
        title="torchcamp",
        lessons=lessons,
        solved=sum(entry["solved"] for entry in lessons),
        total=sum(entry["total"] for entry in lessons),
        left=sum(entry["left"] for entry in lessons),
        num_news=len(fresh),
        following=course().exercises[following] if following and begun else None,
        following_lesson=course().lesson_of(following) if following else None,
        finished=following is None,
        problem=problem,
        workspace=str(workspace),
        num_runs=len(list((workspace / "runs").glob("*/run.json"))),
    )


def _minutes_left(lesson: Lesson, standings: "dict[str, Standing]") -> int:
    """The lesson's minutes without those of its solved exercises; 0 once all are solved."""
    solved = [name for name in lesson.exercises if standings[name].passed]
    if len(solved) == len(lesson.exercises):
        return 0
    return lesson.minutes - sum(course().exercises[name].minutes for name in solved)


def _is_known(scope: Scope) -> bool:
    user = scope.get("user")
    return bool(user is not None and user.is_authenticated)


async def _machine() -> dict[str, str]:
    """Device and data of this machine; asked of a child, so that the server loads no torch."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "torchcamp.course.machine", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    try:
        return json.loads(output)
    except json.JSONDecodeError:
        return {"device": "unknown", "data": "unknown"}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "another page asked"})
        return
    answer: Any = PlainTextResponse("torchcamp: this request comes from another page.\n", 403)
    await answer(scope, receive, send)


HOME_PAGE = Middleware(HomePage)
