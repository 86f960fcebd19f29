"""The course's home page, as a middleware of marimo's server.

marimo loads it through its entry point `marimo.server.asgi.middleware`. It does nothing unless
`torchcamp start` set TORCHCAMP_SERVER, and refuses every request that the guard has not let in.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from markupsafe import Markup
from starlette.middleware import Middleware
from starlette.responses import FileResponse, HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from torchcamp.base.errors import WorkspaceError
from torchcamp.course import news
from torchcamp.course.content import Exercise, Lesson, course
from torchcamp.course.families import families, families_table
from torchcamp.course.glossary import terms
from torchcamp.course.own_content import origin_of
from torchcamp.course.server.guard import BEHIND_PROXY, GUARDED, SERVER, refuse

if TYPE_CHECKING:
    from torchcamp.course.progress import Standing

WORKSPACE = "TORCHCAMP_WORKSPACE"  # environment variable: the folder that is served
ERRORS = "/torchcamp/errors"  # the page "Errors you will meet"
GLOSSARY = "/torchcamp/glossary"
MACHINE = "/torchcamp/machine"  # its device and data, as JSON
SCRIPT = "/torchcamp/sitting.js"  # what a lesson's page loads before marimo's own scripts
SCRIPT_FILE = Path(__file__).with_name("sitting.js")
MOST_MET = 5  # misconceptions that the page reminds of


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
                await HTMLResponse(home_page())(scope, receive, send)
                return
            if scope["path"] == "/" and query.get("view-as") == ["present"]:
                news.mark_seen(_workspace(), Path(query["file"][0]).stem)
            if scope["path"] == "/" and "file" in query:
                await self.app(scope, receive, with_script(send))
                return
            if scope["path"] == SCRIPT:
                await FileResponse(SCRIPT_FILE)(scope, receive, send)
                return
            if scope["path"] == ERRORS:
                from torchcamp.course.errors_page import errors_page

                await HTMLResponse(errors_page(in_course=True))(scope, receive, send)
                return
            if scope["path"] == GLOSSARY:
                from torchcamp.course.glossary import glossary_page

                await HTMLResponse(glossary_page())(scope, receive, send)
                return
            if scope["path"] == MACHINE:
                if self.machine is None:
                    self.machine = await _machine()
                await JSONResponse(self.machine)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def with_script(send: Send) -> Send:
    """Add our script to the head of the page that is sent, and name its main part for screen readers."""
    proxied = " data-proxied" if os.environ[SERVER] == BEHIND_PROXY else ""
    tag = f'<script src="{SCRIPT[1:]}"{proxied}></script>'
    start: Message = {}
    body = bytearray()

    async def send_page(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            page = bytes(body).replace(b"<head>", f"<head>{tag}".encode())
            page = page.replace(b'<div id="root"', b'<div id="root" role="main"')
            headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
            headers.append((b"content-length", str(len(page)).encode()))
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": page})

    return send_page


def _workspace() -> Path:
    return Path(os.environ.get(WORKSPACE, "."))


def home_page() -> str:
    """The course's home page as HTML."""
    from torchcamp.course.progress import Progress, following
    from torchcamp.pages.page import render_page

    workspace = _workspace()
    problem = ""
    try:
        standings = Progress(workspace).standings()
        met = Progress(workspace).met()
    except WorkspaceError as error:
        problem = str(error)
        standings, met = {}, []
    fresh = news.news(workspace)
    cards = [_card(lesson, standings, fresh.get(lesson.name, "")) for lesson in course().lessons]
    coming = following(standings)
    return render_page(
        "course/server/home.html",
        title="torchcamp",
        cards=cards,
        core=_whole([(card.core_solved, len(card.core), card.core_left) for card in cards]),
        everything=_whole([(card.solved, len(card.exercises), card.left) for card in cards]),
        num_news=len(fresh),
        following=coming,
        following_lesson=course().lesson_of(coming.name) if coming else None,
        started=any(standing.state != "new" for standing in standings.values()),
        met=met[:MOST_MET],
        families=Markup(families_table()) if families() else "",
        content=_content(),
        has_terms=bool(terms()),
        problem=problem,
        workspace=str(workspace),
        num_runs=len(list((workspace / "runs").glob("*/run.json"))),
    )


def _content() -> dict[str, object]:
    """What the page says of the content: its title, and where it is from unless it is ours."""
    content = course()
    return {
        "title": content.title,
        "is_ours": content.is_ours,
        "extends": content.extends,
        "origin": origin_of(content.folder),
    }


@dataclass(frozen=True, kw_only=True)
class Card:
    """A lesson on the home page: its exercises with their states, core first, and minutes left."""

    lesson: Lesson
    picture: Markup
    core: list[tuple[Exercise, str]]
    more: list[tuple[Exercise, str]]
    minutes: int
    core_minutes: int
    news: str

    @property
    def exercises(self) -> list[tuple[Exercise, str]]:
        return self.core + self.more

    @property
    def core_solved(self) -> int:
        return sum(state in SOLVED for _, state in self.core)

    @property
    def solved(self) -> int:
        return sum(state in SOLVED for _, state in self.exercises)

    @property
    def core_left(self) -> int:
        """The minutes of the page and the core that are left; 0 once the core is solved."""
        return _left(self.core_minutes, self.core)

    @property
    def left(self) -> int:
        return _left(self.minutes, self.exercises)


SOLVED = ("passed", "changed")
NO_PICTURE = (  # of a lesson that brings none
    '<svg viewBox="0 0 96 64" aria-hidden="true"><path d="M20 14h24v38H20zM44 14h32v38H44M52 24h16M52 32h16" '
    'fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/></svg>'
)


def _card(lesson: Lesson, standings: "dict[str, Standing]", fresh: str) -> Card:
    def with_states(exercises: tuple[Exercise, ...]) -> list[tuple[Exercise, str]]:
        return [
            (each, standings[each.name].state if each.name in standings else "new")
            for each in exercises
        ]

    picture = lesson.beside("picture.svg")
    return Card(
        lesson=lesson,
        picture=Markup(picture.read_text(encoding="utf-8") if picture else NO_PICTURE),
        core=with_states(course().core(lesson)),
        more=with_states(course().more_practice(lesson)),
        minutes=course().minutes(lesson),
        core_minutes=course().core_minutes(lesson),
        news=fresh,
    )


def _left(minutes: int, exercises: list[tuple[Exercise, str]]) -> int:
    if all(state in SOLVED for _, state in exercises):
        return 0
    return minutes - sum(each.minutes for each, state in exercises if state in SOLVED)


def _whole(parts: list[tuple[int, int, int]]) -> dict[str, int]:
    """The sums over lessons of what is solved, what there is, and the minutes left."""
    solved, total, left = (sum(numbers) for numbers in zip(*parts, strict=True))
    return {"solved": solved, "total": total, "left": left}


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
