"""What an update brought: lessons and exercises that this workspace has not seen yet.

`.torchcamp/seen.json` holds the hash of each lesson as it was last opened, and the exercises that
stood in it. What differs from the course as it is now is new. In a new workspace nothing is.
"""

import contextlib
import json
from pathlib import Path
from typing import Any

from torchcamp.base.files import text_hash, write_atomically
from torchcamp.course.catalog import Lesson, lessons

MARK = ".torchcamp"


def news(workspace: Path) -> dict[str, str]:
    """Lesson -> what is new in it, in a few words; lessons without news are left out."""
    seen = _read(workspace)
    if seen is None:
        return {}
    found = {}
    for lesson in lessons():
        fresh = [name for name in lesson.exercises if name not in seen["exercises"]]
        if lesson.name not in seen["lessons"]:
            found[lesson.name] = "new"
        elif fresh:
            found[lesson.name] = f"{len(fresh)} new exercise{'s' if len(fresh) > 1 else ''}"
        elif seen["lessons"][lesson.name] != _hash(lesson):
            found[lesson.name] = "revised"
    return found


def begin(workspace: Path, known: dict[str, str]) -> None:
    """Make the record of a workspace that has none.

    Args:
        known: lesson -> hash, of lessons that an earlier torchcamp wrote into it; empty where the
            workspace is new.
    """
    if _read(workspace) is not None:
        return
    seen = known or {lesson.name: _hash(lesson) for lesson in lessons()}
    exercises = [name for lesson in lessons() if lesson.name in seen for name in lesson.exercises]
    _write(workspace, {"lessons": seen, "exercises": exercises})


def mark_seen(workspace: Path, name: str) -> None:
    """The lesson `name` was opened."""
    lesson = next((lesson for lesson in lessons() if lesson.name == name), None)
    seen = _read(workspace)
    if lesson is None or seen is None or name not in news(workspace):
        return
    seen["lessons"][name] = _hash(lesson)
    seen["exercises"] = sorted({*seen["exercises"], *lesson.exercises})
    with contextlib.suppress(OSError):  # a lesson opens from a folder that cannot be written, too
        _write(workspace, seen)


def _hash(lesson: Lesson) -> str:
    return text_hash(lesson.path.read_text())


def _read(workspace: Path) -> dict[str, Any] | None:
    try:
        return json.loads((workspace / MARK / "seen.json").read_text())
    except (OSError, json.JSONDecodeError):
        return None


def _write(workspace: Path, seen: dict[str, Any]) -> None:
    text = json.dumps(seen, indent=2) + "\n"
    write_atomically(workspace / MARK / "seen.json", lambda part: part.write_text(text))
