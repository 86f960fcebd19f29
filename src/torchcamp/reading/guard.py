"""Block and report what a reading has no business doing: network, other programs, writing files.

An audit hook sees these before they happen. It is not a sandbox: code that wants to can get around
it.
"""

import os
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request")
PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork")
CHANGES = (
    "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "shutil.rmtree", "shutil.copyfile", "shutil.move",
)  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """Blocks from `start` on.

    Attributes:
        blocked: what was tried, each thing once, in order.
        on: whether it is watching.

    Args:
        folder: where files may be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = os.path.realpath(folder)
        self.blocked: dict[str, None] = {}
        self.on = False

    def start(self) -> None:
        """Watch for the rest of this process: an audit hook cannot be removed."""
        self.on = True
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on:
            return
        attempt: str | None = None
        if event in NETWORK:
            attempt = f"network: {_where(event, args)}"
        elif event in PROGRAMS:
            attempt = f"program: {_program(args)}"
        elif event in CHANGES:
            attempt = self._change(f"{event.partition('.')[2]} {_path(args)}", args)
        elif event == "open" and _writes(args):
            attempt = self._change(f"write {_path(args)}", args)
        if attempt is None:
            return
        self.blocked[attempt] = None
        if not attempt.endswith(HARMLESS):
            raise PermissionError(f"torchcamp blocked this: {attempt}")

    def _change(self, attempt: str, args: tuple[Any, ...]) -> str | None:
        """How to report a change of files; None where it is not worth a word.

        Changes are let through inside `folder`; temporary files there, and what torch's compiler
        writes, are not reported at all.
        """
        path = args[0] if args else None
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        name = os.fsdecode(path)
        if name in ("/dev/null", os.devnull) or "torchinductor_" in name:
            return None
        full = os.path.realpath(name)
        if full == self.folder or full.startswith(self.folder + os.sep):
            if _within_tempfile():
                return None
            return f"{attempt.replace(self.folder + os.sep, '')}{HARMLESS}"
        return attempt


HARMLESS = " (in a folder that is gone by now)"


def _within_tempfile() -> bool:
    """Whether the `tempfile` module is at work, whose names are random."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == tempfile.__file__:
            return True
        frame = frame.f_back
    return False


def _writes(args: tuple[Any, ...]) -> bool:
    _, mode, flags = (*args, None, None, None)[:3]
    if isinstance(mode, str) and any(letter in mode for letter in "wax+"):
        return True
    return isinstance(flags, int) and bool(flags & WRITING)


def _path(args: tuple[Any, ...]) -> str:
    return os.fsdecode(args[0]) if args and isinstance(args[0], str | bytes | os.PathLike) else "?"


def _where(event: str, args: tuple[Any, ...]) -> str:
    if event == "urllib.Request":
        return str(args[0])
    if event == "socket.getaddrinfo":
        return str(args[0])
    return str(args[1]) if len(args) > 1 else "?"


def _program(args: tuple[Any, ...]) -> str:
    first = args[0] if args else "?"
    return first if isinstance(first, str) else os.fsdecode(first) if first else "?"
