"""Begin a lesson's kernel while the browser still loads the scripts of its page.

A page asks for its kernel once marimo's scripts have run in it, and a kernel then loads torch. Begun
as soon as the page is opened, it does so meanwhile. It is begun as marimo does for a page that leaves at
once: the page that asks next gets it, and if none does it ends after two minutes.
"""

import asyncio
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from marimo._runtime.commands import ExecuteScratchpadCommand
from marimo._server.api.deps import AppStateBase
from marimo._session.events import SessionEventListener
from marimo._types.ids import SessionId

from torchcamp.course.content import course

if TYPE_CHECKING:
    from marimo._session.types import Session

LOAD = """\
from torchcamp.base.loading import without_collecting

with without_collecting():
    import torchcamp.course.lesson
"""


class EarlyKernels(SessionEventListener):
    """Begins kernels on the server whose state is `app`."""

    def __init__(self, app: AppStateBase) -> None:
        self.app, self.manager = app, app.session_manager
        self.begun: set[str] = set()  # lessons' files whose kernels have nothing to do yet
        self.tasks: set[asyncio.Task[None]] = set()
        self.manager.event_bus.subscribe(self)

    def expect(self, file: str) -> None:
        """Begin the kernel of a lesson, such as `tensors.py`, unless it lives; of other files none."""
        if file not in {f"{lesson.name}.py" for lesson in course().lessons}:
            return
        key, session_id = cast(Any, file), SessionId(f"s_{uuid4().hex}")
        if self.manager.get_session_by_file_key(key) or self.manager.is_session_starting(
            session_id, key
        ):
            return
        task = asyncio.create_task(self._begin(file, session_id))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _begin(self, file: str, session_id: SessionId) -> None:
        self.begun.add(file)
        page = asyncio.create_task(
            self.manager.create_session(
                session_id=session_id,
                session_consumer=cast(Any, None),  # nobody yet
                query_params={"file": file},
                file_key=cast(Any, file),
                auto_instantiate=self.app.config_manager.get_config()["runtime"][
                    "auto_instantiate"
                ],
                main=True,
            )
        )
        await asyncio.sleep(0)  # now the kernel's start is under way, of which this page is no part
        page.cancel()

    async def on_session_created(self, session: "Session") -> None:
        if session.initialization_id in self.begun:
            self.begun.discard(session.initialization_id)
            session.put_control_request(ExecuteScratchpadCommand(code=LOAD), from_consumer_id=None)
