"""What the course holds: `content/course.toml` and the lessons' folders as dataclasses.

The order of lessons and of the exercises in them stands in `course.toml` and nowhere else.
"""

import ast
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from torchcamp.base.errors import CatalogError, suggest
from torchcamp.base.paths import CONTENT
from torchcamp.course.judge import worker


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One lesson: the folder `lessons/NAME/`, its title, its question, its minutes."""

    name: str
    title: str
    question: str
    minutes: int
    exercises: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return CONTENT / "lessons" / self.name / "lesson.py"


@dataclass(frozen=True, kw_only=True)
class Misconception:
    """A runnable wrong answer.

    feedback: what its author is told. caught_by: the check that fails first. catalogue: the ids
    of the catalogue's entries that it shows, such as `V2`.
    """

    name: str
    path: Path
    feedback: str
    caught_by: str
    catalogue: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise: its folder, and what `exercise.toml` says.

    after: exercises that should be solved before. reference: the symbol of ours that it leads to.
    seconds: that its check may take; more where an answer trains a model of the learner's.
    hints: a ladder, gentlest first.
    """

    name: str
    folder: Path
    title: str
    minutes: int
    concepts: tuple[str, ...]
    reference: str
    hints: tuple[str, ...]
    after: tuple[str, ...] = ()
    seconds: int = worker.SECONDS

    @property
    def statement(self) -> str:
        return (self.folder / "statement.md").read_text()

    @property
    def starter(self) -> str:
        return (self.folder / "starter.py").read_text()

    @property
    def solution(self) -> str:
        return (self.folder / "solution.py").read_text()

    @property
    def accepted(self) -> tuple[Path, ...]:
        return tuple(sorted((self.folder / "accepted").glob("*.py")))

    @property
    def redundant(self) -> tuple[str, ...]:
        """Entries of the catalogue that are no mistakes: an accepted answer does them, and says so."""
        texts = (ast.get_docstring(ast.parse(path.read_text())) or "" for path in self.accepted)
        matches = (re.search(r"Catalogue: ([A-Z]\d+)\.\s*$", text) for text in texts)
        return tuple(match.group(1) for match in matches if match)

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        paths = sorted((self.folder / "misconceptions").glob("*.py"))
        return tuple(read_misconception(path) for path in paths)


CAUGHT = re.compile(r"\n?\s*Caught by: (\w+)\.(?: Catalogue: ([A-Z]\d+(?:, [A-Z]\d+)*)\.)?\s*$")


def read_misconception(path: Path) -> Misconception:
    """A misconception's file: its docstring is the feedback, its last line says what catches it.

    Raises:
        CatalogError: no docstring, or one without its last line.
    """
    try:
        docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    except SyntaxError as error:
        raise CatalogError(f"{path.name}: line {error.lineno}: {error.msg}") from error
    match = CAUGHT.search(docstring)
    feedback = docstring[: match.start()].strip() if match else ""
    if match is None or not feedback:
        raise CatalogError(
            f"{path.name}: its docstring must be feedback, ended by a line 'Caught by: check_NAME.'"
        )
    return Misconception(
        name=path.stem,
        path=path,
        feedback=feedback,
        caught_by=match.group(1),
        catalogue=tuple((match.group(2) or "").split(", ")) if match.group(2) else (),
    )


def read_exercise(folder: Path) -> Exercise:
    """The exercise in `folder`.

    Raises:
        CatalogError: `exercise.toml` is missing, cannot be read, or has other entries.
    """
    try:
        entries = tomllib.loads((folder / "exercise.toml").read_text())
        lists = {key: tuple(value) for key, value in entries.items() if isinstance(value, list)}
        values: dict[str, Any] = entries | lists
        return Exercise(name=folder.name, folder=folder, **values)
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise CatalogError(f"exercise {folder.name}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Course:
    """A content folder: its lessons and exercises, in order."""

    lessons: tuple[Lesson, ...]
    exercises: dict[str, Exercise] = field(default_factory=dict)

    def lesson_of(self, exercise: str) -> Lesson | None:
        """The lesson that `exercise` belongs to."""
        return next((lesson for lesson in self.lessons if exercise in lesson.exercises), None)

    def find(self, name: str) -> Exercise:
        """The exercise `name`.

        Raises:
            CatalogError: there is none; the nearest is named.
        """
        if name in self.exercises:
            return self.exercises[name]
        hint = suggest(name, self.exercises, otherwise="See torchcamp practice --list.")
        raise CatalogError(f"unknown exercise {name!r}. {hint}")


@cache
def course() -> Course:
    """The course that ships.

    Raises:
        CatalogError: the content does not hold together.
    """
    exercises = [
        read_exercise(lesson.path.parent / name)
        for lesson in lessons()
        for name in lesson.exercises
    ]
    return Course(lessons=lessons(), exercises={each.name: each for each in exercises})


@cache
def lessons() -> tuple[Lesson, ...]:
    """The lessons in the order of the course.

    Raises:
        CatalogError: an entry is incomplete, its file is missing, or a file has no entry.
    """
    entries = tomllib.loads((CONTENT / "course.toml").read_text()).get("lesson", [])
    try:
        found = tuple(
            Lesson(**(entry | {"exercises": tuple(entry.get("exercises", ()))}))
            for entry in entries
        )
    except TypeError as error:
        raise CatalogError(f"course.toml: {error}") from error
    named = {lesson.name for lesson in found}
    on_disk = {path.parent.name for path in (CONTENT / "lessons").glob("*/lesson.py")}
    if not found or named != on_disk or len(named) != len(found):
        raise CatalogError(
            f"course.toml names the lessons {sorted(named)}, content/lessons holds {sorted(on_disk)}"
        )
    return found
