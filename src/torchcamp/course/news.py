"""What is new after an update: lessons and exercises that the learner has not opened yet.

`.torchcamp/seen.json` holds the hash of each lesson when it was last opened, and its exercises at
that time. Whatever differs from the current course is new. In a new workspace nothing is new.
"""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from torchcamp.base.files import regular_text, save_text, text_hash
from torchcamp.course.content import Lesson, lessons
from torchcamp.course.settings import MARK


@dataclass(kw_only=True)
class Seen:
    """What `seen.json` holds: lesson -> hash when it was last opened; exercises by name."""

    lessons: dict[str, str]
    exercises: list[str]


def news(workspace: Path) -> dict[str, str]:
    """Lesson -> what is new in it ("new", "2 new exercises", "revised"); others are left out."""
    seen = _read(workspace)
    if seen is None:
        return {}
    labels = {}
    for lesson in lessons():
        fresh = [name for name in lesson.exercises if name not in seen.exercises]
        if lesson.name not in seen.lessons:
            labels[lesson.name] = "new"
        elif fresh:
            labels[lesson.name] = f"{len(fresh)} new exercise{'s' if len(fresh) > 1 else ''}"
        elif seen.lessons[lesson.name] != _hash(lesson):
            labels[lesson.name] = "revised"
    return labels


def create_record(workspace: Path, known: dict[str, str]) -> None:
    """Create `seen.json` in a workspace that has none.

    Args:
        workspace: the workspace.
        known: lesson -> hash, for the lessons that an earlier torchcamp wrote there; empty for a
            new workspace.
    """
    if _read(workspace) is not None:
        return
    hashes = known or {lesson.name: _hash(lesson) for lesson in lessons()}
    exercises = [name for lesson in lessons() if lesson.name in hashes for name in lesson.exercises]
    _write(workspace, Seen(lessons=hashes, exercises=exercises))


def mark_seen(workspace: Path, name: str) -> None:
    """Record that the lesson `name` was opened."""
    lesson = next((lesson for lesson in lessons() if lesson.name == name), None)
    seen = _read(workspace)
    if lesson is None or seen is None or name not in news(workspace):
        return
    seen.lessons[name] = _hash(lesson)
    seen.exercises = sorted({*seen.exercises, *lesson.exercises})
    with contextlib.suppress(OSError):  # lessons also open from a read-only folder
        _write(workspace, seen)


def _hash(lesson: Lesson) -> str:
    return text_hash(regular_text(lesson.path))


def _read(workspace: Path) -> Seen | None:
    try:
        return Seen(**json.loads(regular_text(workspace / MARK / "seen.json")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _write(workspace: Path, seen: Seen) -> None:
    text = json.dumps(asdict(seen), indent=2) + "\n"
    save_text(workspace / MARK / "seen.json", text)
