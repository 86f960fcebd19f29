"""A working folder that looks like the user's, in which a script may write what it likes.

Folders are made again, files are links to the real ones. A file that is opened for writing is first
made a copy, so that nothing outside changes.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from torchcamp.reading.guard import WRITING

SKIPPED = {"__pycache__", "node_modules", "venv", "env", "site-packages"}
MAX_ENTRIES = 2_000  # of a folder; a larger one (a data set) is one link


def mirror(folder: Path, into: Path) -> None:
    """Make `into` look like `folder`: the same folders, links to the same files."""
    into.mkdir(parents=True, exist_ok=True)
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        target = into / entry.name
        try:
            is_folder = entry.is_dir() and not entry.is_symlink()
            if entry.name.startswith(".") or entry.name in SKIPPED:
                continue
            if is_folder and _number_of_entries(entry.path) <= MAX_ENTRIES:
                mirror(Path(entry.path), target)
            else:
                target.symlink_to(entry.path)
        except OSError:
            continue


def copy_when_written(folder: Path) -> None:
    """From now on, a link below `folder` becomes a file of its own before it is opened for writing.

    An audit hook, which must be added before the guard's: that one follows links.
    """
    inside = os.path.abspath(folder) + os.sep

    def hear(event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(args[0], str | bytes | os.PathLike):
            return
        path, mode, flags = os.fsdecode(args[0]), args[1], args[2]
        writes = (isinstance(mode, str) and any(letter in mode for letter in "wax+")) or (
            isinstance(flags, int) and flags & WRITING
        )
        if not writes:
            return
        full = os.path.abspath(path)
        if full.startswith(inside) and os.path.islink(full):
            original = os.path.realpath(full)
            os.unlink(full)
            if os.path.isfile(original) and not (isinstance(mode, str) and "w" in mode):
                shutil.copyfile(original, full)

    sys.addaudithook(hear)


def _number_of_entries(folder: str) -> int:
    with os.scandir(folder) as entries:
        return sum(1 for _ in entries)
