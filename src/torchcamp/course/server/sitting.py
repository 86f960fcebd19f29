"""Keep the memory of a sitting bounded, and end it with `torchcamp start`.

Each lesson that is open has a kernel of its own, which has loaded torch. Only a few live at a time:
opening one more ends the kernel that was used least recently, and one also ends some minutes after
its page was closed. `sitting.js` brings a page back whose kernel was ended, once it is used again.
"""

import asyncio
import contextlib
import gc
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marimo._server.api.deps import AppState
from marimo._session.events import SessionEventListener
from marimo._session.extensions.types import EventAwareExtension
from marimo._session.model import ConnectionState
from starlette.applications import Starlette

from torchcamp.base.lifeline import LIFELINE, when_closed
from torchcamp.course.server.codes import CODES
from torchcamp.course.server.kernel_start import take_over_kernels
from torchcamp.course.server.limits import KERNELS
from torchcamp.course.server.shared_judge import shared_judge

if TYPE_CHECKING:
    from marimo._server.session_manager import SessionManager
    from marimo._session.types import Session

CLOSED_SECONDS = 300.0  # for which a kernel outlives its page, for one who comes back
LOOK_SECONDS = 5.0  # between looks for kernels without a page
GRACE_SECONDS = 3.0  # that the server has for ending by itself once `start` has gone


@contextlib.asynccontextmanager
async def sitting(app: Starlette) -> AsyncIterator[None]:
    """Bound the kernels of the server `app`, and end it with `start`, for as long as it runs."""
    lifeline = os.environ.pop(LIFELINE, None)
    kernels = Kernels(AppState.from_app(app).session_manager, int(os.environ[KERNELS]))
    looks = asyncio.create_task(kernels.keep_looking())
    async with shared_judge() as folder:
        if lifeline is not None:
            when_closed(int(lifeline), partial(_end_server, folder))
        take_over_kernels()
        try:
            yield
        finally:
            looks.cancel()


def _end_server(folder: Path | None) -> None:
    """End this process, in order if it can; kernels and judge end with it."""
    shutil.rmtree(os.environ[CODES], ignore_errors=True)  # what `start` does itself if it can
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


class Kernels(SessionEventListener):
    """Ends kernels beyond `most`, the one used least recently first, and those without a page.

    Use is what a page asks of its kernel and what the kernel tells its page, so a lesson that trains
    is in use.
    """

    def __init__(
        self,
        manager: "SessionManager",
        most: int,
        closed_seconds: float = CLOSED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.manager, self.most = manager, most
        self.closed_seconds, self.clock = closed_seconds, clock
        self.used: dict[Session, float] = {}
        self.closed_since: dict[Session, float] = {}
        self.attached: dict[Session, contextlib.ExitStack] = {}
        self.looks_to_collect = 0
        manager.event_bus.subscribe(self)

    async def on_session_created(self, session: "Session") -> None:
        self.attached[session] = contextlib.ExitStack()
        self.attached[session].enter_context(session.scoped(_LastUse(self._use)))
        self._use(session)
        others = [each for each in self.manager.sessions.values() if each is not session]
        for each in self.by_last_use(others)[: max(0, len(others) + 1 - self.most)]:
            self.end(each)

    async def on_session_closed(self, session: "Session") -> None:
        self.looks_to_collect = 2  # a kernel has five seconds for ending; the look after has it all
        self.used.pop(session, None)
        self.closed_since.pop(session, None)
        if session in self.attached:
            self.attached.pop(session).close()

    def by_last_use(self, sessions: "list[Session]") -> "list[Session]":
        """Sessions without a page first, then those whose last use is longest ago."""
        return sorted(sessions, key=lambda each: (_has_page(each), self.used.get(each, 0.0)))

    def end(self, session: "Session") -> None:
        """End a session's kernel; its page, if there is one, is told."""
        ids = [name for name, each in self.manager.sessions.items() if each is session]
        for session_id in ids:
            self.manager.close_session(session_id)

    def look(self) -> None:
        """End the kernels that have had no page, and nothing to do, for `closed_seconds`.

        What is left of those that ended goes too. marimo leaves ten pipes of each to Python's
        collector, which comes by seldom in a server that has little to do.
        """
        if self.looks_to_collect:
            self.looks_to_collect -= 1
            gc.collect()
        now = self.clock()
        for session in list(self.manager.sessions.values()):
            if _has_page(session):
                self.closed_since.pop(session, None)
                continue
            since = self.closed_since.setdefault(session, now)
            if now - max(since, self.used.get(session, 0.0)) >= self.closed_seconds:
                self.end(session)

    async def keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def _use(self, session: "Session") -> None:
        self.used[session] = self.clock()


class _LastUse(EventAwareExtension):
    """Tells when a session gets a command from its page, or has something to say to it."""

    def __init__(self, use: "Callable[[Session], None]") -> None:
        super().__init__()
        self.use = use

    def on_notification_sent(self, session: Any, notification: Any) -> None:
        self.use(session)

    def on_received_command(self, session: Any, request: Any, from_consumer_id: Any) -> None:
        self.use(session)


def _has_page(session: "Session") -> bool:
    return session.connection_state() is not ConnectionState.ORPHANED
