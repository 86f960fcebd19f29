"""One judge for all lessons of a server: begun when first asked, and again if it died.

The kernels ask it through a Unix socket in a folder that only this user may enter. The server
listens until somebody asks, then hands the socket to a judge (see `judge.worker`).
"""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from torchcamp.course.judge.client import SOCKET
from torchcamp.course.judge.isolation import LIMITS


@contextlib.asynccontextmanager
async def shared_judge() -> AsyncIterator[Path | None]:
    """Answer the kernels that begin meanwhile; yields the socket's folder, None if none can be made."""
    folder = Path(tempfile.mkdtemp(prefix="torchcamp-"))  # for this user only
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            try:
                listener.bind(str(folder / "judge"))
                listener.listen()
            except OSError:  # a path too long, a file system without sockets
                yield None  # then each kernel has a judge of its own
                return
            os.environ[SOCKET] = str(folder / "judge")
            keeping = asyncio.create_task(_keep(listener, folder))
            try:
                yield folder
            finally:
                del os.environ[SOCKET]
                keeping.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await keeping
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _keep(listener: socket.socket, folder: Path) -> None:
    """Begin a judge whenever somebody asks and there is none; what it leaves behind is in `folder`."""
    while True:
        await _asked(listener)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "torchcamp.course.judge.worker",
            LIMITS.name,
            "shared",
            stdin=listener.fileno(),
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            cwd=folder,
            env=os.environ | {"TMPDIR": str(folder)},
        )
        try:
            assert process.stdout is not None
            if not await process.stdout.readline():  # it cannot begin: whoever asks is told
                listener.accept()[0].close()
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _asked(listener: socket.socket) -> None:
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(listener, asked.set)
    try:
        await asked.wait()
    finally:
        loop.remove_reader(listener)
