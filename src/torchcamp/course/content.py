"""What the course holds: `content/course.toml` and the lessons' folders as dataclasses.

The order of lessons and of the exercises in them stands in `course.toml` and nowhere else.
"""

import ast
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from torchcamp.base.errors import ContentError, suggest
from torchcamp.base.paths import CONTENT
from torchcamp.course.judge.limits import SECONDS
from torchcamp.course.misconceptions import (
    MISCONCEPTIONS,
    Misconception,
    read_misconceptions,
)
from torchcamp.reading.source import source_of

WRITING, READING = KINDS = ("writing", "reading")  # code is written, or what it does predicted
SCRIPT = "script.py"  # a stranger's script that a reading exercise quotes, in its folder
QUOTE = re.compile(r"^```python (\S+)\n```$", re.M)  # an empty block: the code comes from elsewhere


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One lesson: the folder `lessons/NAME/`, its title, its question.

    reading_minutes: what the page takes without its exercises.
    """

    name: str
    title: str
    question: str
    reading_minutes: int
    exercises: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return CONTENT / "lessons" / self.name / "lesson.py"


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise: its folder, and what `exercise.toml` says.

    after: exercises that should be solved before. reference: the symbol of ours that it leads to.
    kind: one of `KINDS`.
    core: it belongs to the short path through the course.
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
    core: bool = False
    seconds: int = SECONDS
    kind: str = WRITING

    @property
    def statement(self) -> str:
        """The Markdown of `statement.md`, with the code that it quotes.

        An empty block ```python REFERENCE is filled with a symbol of ours, such as
        `models/cnn.py::CNN.forward`, or with the exercise's `script.py`.

        Raises:
            SymbolError: a quoted symbol does not exist.
        """
        return QUOTE.sub(lambda match: self._quoted(match.group(1)), self._statement)

    @property
    def quotes(self) -> tuple[str, ...]:
        """What the statement quotes: symbols of ours, or `script.py`."""
        return tuple(QUOTE.findall(self._statement))

    @property
    def _statement(self) -> str:
        return (self.folder / "statement.md").read_text(encoding="utf-8")

    def _quoted(self, reference: str) -> str:
        if reference == SCRIPT:
            code = (self.folder / SCRIPT).read_text(encoding="utf-8").strip()
        else:
            file, _, _ = reference.partition("::")
            code = f"# torchcamp/{file}\n{source_of(reference)}"
        return f"```python\n{code}\n```"

    @property
    def starter(self) -> str:
        return (self.folder / "starter.py").read_text(encoding="utf-8")

    @property
    def checks(self) -> str:
        return (self.folder / "checks.py").read_text(encoding="utf-8")

    @property
    def solution(self) -> str:
        return (self.folder / "solution.py").read_text(encoding="utf-8")

    @property
    def accepted(self) -> tuple[Path, ...]:
        return tuple(sorted((self.folder / "accepted").glob("*.py")))

    @property
    def redundant(self) -> tuple[str, ...]:
        """Entries of the catalogue that are no mistakes: an accepted answer does them, and says so."""
        texts = (
            ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            for path in self.accepted
        )
        matches = (re.search(r"Catalogue: ([A-Z]\d+)\.\s*$", text) for text in texts)
        return tuple(match.group(1) for match in matches if match)

    @cached_property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """The known wrong answers, in the order of `misconceptions.md`.

        Raises:
            ContentError: the file is missing, or a section of it cannot be read.
        """
        try:
            found, problems = read_misconceptions(self.folder)
        except OSError as error:
            raise ContentError(f"exercise {self.name}: {error}") from error
        if problems:
            raise ContentError(f"exercise {self.name}: {MISCONCEPTIONS}: {'; '.join(problems)}")
        return found


def read_exercise(folder: Path) -> Exercise:
    """The exercise in `folder`.

    Raises:
        ContentError: `exercise.toml` is missing, cannot be read, or has other entries.
    """
    try:
        entries = tomllib.loads((folder / "exercise.toml").read_text(encoding="utf-8"))
        lists = {key: tuple(value) for key, value in entries.items() if isinstance(value, list)}
        values: dict[str, Any] = entries | lists
        return Exercise(name=folder.name, folder=folder, **values)
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ContentError(f"exercise {folder.name}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Course:
    """A content folder: its lessons and exercises, in order."""

    lessons: tuple[Lesson, ...]
    exercises: dict[str, Exercise] = field(default_factory=dict)

    def lesson_of(self, exercise: str) -> Lesson | None:
        """The lesson that `exercise` belongs to."""
        return next((lesson for lesson in self.lessons if exercise in lesson.exercises), None)

    def lesson(self, name: str) -> Lesson:
        """The lesson `name`.

        Raises:
            ContentError: there is none; the nearest is named.
        """
        for lesson in self.lessons:
            if lesson.name == name:
                return lesson
        names = [lesson.name for lesson in self.lessons]
        raise ContentError(f"unknown lesson {name!r}. {suggest(name, names)}")

    def core(self, lesson: Lesson) -> tuple[Exercise, ...]:
        """The exercises of `lesson` on the short path."""
        return tuple(each for each in self._of(lesson) if each.core)

    def more_practice(self, lesson: Lesson) -> tuple[Exercise, ...]:
        """The exercises of `lesson` beside the short path."""
        return tuple(each for each in self._of(lesson) if not each.core)

    def minutes(self, lesson: Lesson) -> int:
        """What the page of `lesson` and all of its exercises take."""
        return lesson.reading_minutes + sum(each.minutes for each in self._of(lesson))

    def core_minutes(self, lesson: Lesson) -> int:
        """What the page of `lesson` and its core exercises take."""
        return lesson.reading_minutes + sum(each.minutes for each in self.core(lesson))

    def _of(self, lesson: Lesson) -> list[Exercise]:
        return [self.exercises[name] for name in lesson.exercises]

    def find(self, name: str) -> Exercise:
        """The exercise `name`.

        Raises:
            ContentError: there is none; the nearest is named.
        """
        if name in self.exercises:
            return self.exercises[name]
        hint = suggest(name, self.exercises, otherwise="See torchcamp practice --list.")
        raise ContentError(f"unknown exercise {name!r}. {hint}")


@cache
def course() -> Course:
    """The course that ships.

    Raises:
        ContentError: the content does not hold together.
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
        ContentError: an entry is incomplete, its file is missing, or a file has no entry.
    """
    entries = tomllib.loads((CONTENT / "course.toml").read_text(encoding="utf-8")).get("lesson", [])
    try:
        found = tuple(
            Lesson(**(entry | {"exercises": tuple(entry.get("exercises", ()))}))
            for entry in entries
        )
    except TypeError as error:
        raise ContentError(f"course.toml: {error}") from error
    named = {lesson.name for lesson in found}
    on_disk = {path.parent.name for path in (CONTENT / "lessons").glob("*/lesson.py")}
    if not found or named != on_disk or len(named) != len(found):
        raise ContentError(
            f"course.toml names the lessons {sorted(named)}, content/lessons holds {sorted(on_disk)}"
        )
    return found
