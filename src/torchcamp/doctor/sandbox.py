"""A working folder that looks like the user's, in which a script may write what it likes.

Folders are made again, files are copied, and large ones linked. A link that is opened for writing is
first made a copy, so that nothing outside changes.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from torchcamp.reading.guard import CHANGES, WRITING, Guard

SKIPPED = {"__pycache__", "node_modules", "venv", "env", "site-packages"}
MAX_ENTRIES = 2_000  # of a folder; a larger one (a data set) is one link
MAX_ABOVE = 3  # folders above the script's that `..` may lead to
MAX_COPIED = 4 << 20  # bytes of a file; a larger one is a link
MAX_COPIED_TOGETHER = 256 << 20


def mirror(folder: Path, into: Path) -> None:
    """Make `into` look like `folder`: the same folders and files."""
    _mirror(folder, into, MAX_COPIED_TOGETHER)


def mirror_above(folder: Path, into: Path) -> None:
    """Let `..` lead to what it leads to: links to what lies in the folders above.

    Args:
        folder: the user's folder, of which `into` is the mirror.
        into: its last parts must be those of `folder`.
    """
    for _ in range(MAX_ABOVE):
        child, folder, into = folder.name, folder.parent, into.parent
        if folder in (Path.home(), Path(folder.anchor)):
            return
        try:
            if _number_of_entries(str(folder)) > MAX_ENTRIES:
                return
            for entry in os.scandir(folder):
                if entry.name != child and not entry.name.startswith("."):
                    (into / entry.name).symlink_to(entry.path)
        except OSError:
            return


def _mirror(folder: Path, into: Path, budget: int) -> int:
    """Mirror one folder; how many bytes may still be copied."""
    into.mkdir(parents=True, exist_ok=True)
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return budget
    for entry in entries:
        target = into / entry.name
        try:
            is_folder = entry.is_dir() and not entry.is_symlink()
            if entry.name.startswith(".") or entry.name in SKIPPED:
                continue
            if is_folder and _number_of_entries(entry.path) <= MAX_ENTRIES:
                budget = _mirror(Path(entry.path), target, budget)
            elif entry.is_file() and (size := entry.stat().st_size) <= min(MAX_COPIED, budget):
                shutil.copyfile(entry.path, target)
                budget -= size
            else:
                target.symlink_to(entry.path)
        except OSError:
            continue
    return budget


def copy_when_written(folder: Path, guard: Guard) -> None:
    """From now on, a link below `folder` becomes a file of its own before it is changed.

    An audit hook, which must be added before the guard's: that one follows links.
    """
    inside = os.path.abspath(folder) + os.sep

    def hear(event: str, args: tuple[Any, ...]) -> None:
        if not guard.on or event not in ("open", *CHANGES) or not args:
            return
        if not isinstance(args[0], str | bytes | os.PathLike):
            return
        full = os.path.abspath(os.fsdecode(args[0]))
        if not full.startswith(inside) or not os.path.islink(full):
            return
        mode, flags = (args[1], args[2]) if event == "open" else ("", 0)
        letters = mode if isinstance(mode, str) else ""
        if event == "open" and not (set(letters) & set("wax+") or (flags or 0) & WRITING):
            return
        guard.on = False  # and this hook with it
        try:
            _make_own(full, keep="w" not in letters and event != "os.remove")
        finally:
            guard.on = True

    sys.addaudithook(hear)


def _make_own(link: str, *, keep: bool) -> None:
    """A file in the place of a link: with what the link led to, or empty."""
    original = os.path.realpath(link)
    os.unlink(link)
    if keep and os.path.isfile(original):
        shutil.copyfile(original, link)
    else:
        open(link, "wb").close()


def _number_of_entries(folder: str) -> int:
    with os.scandir(folder) as entries:
        return sum(1 for _ in entries)
