"""The course's home page, as a middleware of marimo's server.

marimo loads it through its entry point `marimo.server.asgi.middleware`. It does nothing unless
`torchcamp start` set TORCHCAMP_SERVER, and refuses every request that the guard has not let in.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from torchcamp.base.errors import WorkspaceError
from torchcamp.course import news
from torchcamp.course.content import Lesson, course
from torchcamp.course.server.guard import GUARDED, SERVER, refuse

if TYPE_CHECKING:
    from torchcamp.course.progress import Standing

WORKSPACE = "TORCHCAMP_WORKSPACE"  # environment variable: the folder that is served
ERRORS = "/torchcamp/errors"  # the page "Errors you will meet"
GLOSSARY = "/torchcamp/glossary"


class HomePage:
    """Answers authenticated requests for `/` and for the pages beside the lessons; passes others on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.machine: dict[str, str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if SERVER not in os.environ or scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if GUARDED not in scope:
            await refuse(scope, receive, send)
            return
        if scope["type"] == "http" and scope["method"] == "GET" and _is_authenticated(scope):
            query = parse_qs(scope["query_string"].decode("latin-1"))
            if scope["path"] == "/" and "file" not in query:
                if "access_token" in query:  # marimo sets its cookie on this response
                    await RedirectResponse("/", status_code=303)(scope, receive, send)
                else:
                    await HTMLResponse(home_page())(scope, receive, send)
                return
            if scope["path"] == "/" and query.get("view-as") == ["present"]:
                news.mark_seen(_workspace(), Path(query["file"][0]).stem)
            if scope["path"] == ERRORS:
                from torchcamp.course.errors_page import errors_page

                await HTMLResponse(errors_page(in_course=True))(scope, receive, send)
                return
            if scope["path"] == GLOSSARY:
                from torchcamp.course.glossary import glossary_page

                await HTMLResponse(glossary_page())(scope, receive, send)
                return
            if scope["path"] == "/torchcamp/machine":
                if self.machine is None:
                    self.machine = await _machine()
                await JSONResponse(self.machine)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _workspace() -> Path:
    return Path(os.environ.get(WORKSPACE, "."))


def home_page() -> str:
    """The course's home page as HTML."""
    from torchcamp.course.progress import Progress, Standing
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
    started = any(standing.state != "new" for standing in standings.values())
    fresh = news.news(workspace)
    lessons = [
        {
            "lesson": lesson,
            "exercises": [(course().exercises[n], standings[n]) for n in lesson.exercises],
            "solved": sum(standings[n].passed for n in lesson.exercises),
            "total": len(lesson.exercises),
            "news": fresh.get(lesson.name, ""),
            "minutes": course().minutes(lesson),
            "left": _minutes_left(lesson, standings),
        }
        for lesson in course().lessons
    ]
    return render_page(
        "course/server/home.html",
        title="torchcamp",
        lessons=lessons,
        solved=sum(entry["solved"] for entry in lessons),
        total=sum(entry["total"] for entry in lessons),
        left=sum(entry["left"] for entry in lessons),
        num_news=len(fresh),
        following=course().exercises[following] if following and started else None,
        following_lesson=course().lesson_of(following) if following else None,
        finished=following is None,
        problem=problem,
        workspace=str(workspace),
        num_runs=len(list((workspace / "runs").glob("*/run.json"))),
    )


def _minutes_left(lesson: Lesson, standings: "dict[str, Standing]") -> int:
    """The lesson's minutes minus those of its solved exercises; 0 once all are solved."""
    solved = [name for name in lesson.exercises if standings[name].passed]
    if len(solved) == len(lesson.exercises):
        return 0
    return course().minutes(lesson) - sum(course().exercises[name].minutes for name in solved)


def _is_authenticated(scope: Scope) -> bool:
    user = scope.get("user")
    return bool(user is not None and user.is_authenticated)


async def _machine() -> dict[str, str]:
    """This machine's device and data, from a child process, so that the server never loads torch."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "torchcamp.course.server.machine", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    try:
        return json.loads(output)
    except json.JSONDecodeError:
        return {"device": "unknown", "data": "unknown"}


HOME_PAGE = Middleware(HomePage)
