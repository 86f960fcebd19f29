"""What the course holds: `content/course.toml` as dataclasses. Order stands there and nowhere else."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

CONTENT = Path(str(files("torchcamp"))) / "content"


class CatalogError(Exception):
    """Content that does not hold together: a defect of the course, not of the learner."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One lesson: the file `lessons/NAME.py`, its title, its question, its minutes."""

    name: str
    title: str
    question: str
    minutes: int

    @property
    def path(self) -> Path:
        return CONTENT / "lessons" / f"{self.name}.py"


@cache
def lessons() -> tuple[Lesson, ...]:
    """The lessons in the order of the course.

    Raises:
        CatalogError: an entry is incomplete, its file is missing, or a file has no entry.
    """
    entries = tomllib.loads((CONTENT / "course.toml").read_text()).get("lesson", [])
    try:
        found = tuple(Lesson(**entry) for entry in entries)
    except TypeError as error:
        raise CatalogError(f"course.toml: {error}") from error
    named = {lesson.name for lesson in found}
    on_disk = {path.stem for path in (CONTENT / "lessons").glob("*.py")}
    if not found or named != on_disk or len(named) != len(found):
        raise CatalogError(
            f"course.toml names the lessons {sorted(named)}, content/lessons holds {sorted(on_disk)}"
        )
    return found
