"""What the course holds: `course.toml` and the lessons' folders as dataclasses.

The order of lessons and of the exercises in them stands in `course.toml` and nowhere else. There is
our content, and there may be somebody's own, on top of ours or instead of it (docs/own-content.md);
`held_content` says which holds.
"""

import ast
import importlib.metadata
import importlib.util
import os
import re
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from torchcamp.base.errors import ContentError, suggest
from torchcamp.base.files import in_words, regular_text
from torchcamp.base.paths import CONTENT
from torchcamp.course.judge.limits import SECONDS
from torchcamp.course.misconceptions import (
    MISCONCEPTIONS,
    Misconception,
    read_misconceptions,
)
from torchcamp.course.settings import find_workspace, is_agreed, language, read_settings
from torchcamp.course.translation import translated
from torchcamp.reading.source import source_of

CONTENT_VARIABLE = "TORCHCAMP_CONTENT"  # environment variable: the content that holds
OURS = "torchcamp"  # what our content is called
GROUP = "torchcamp.content"  # entry points of installed packages that are content
NAME = re.compile(r"[a-z][a-z0-9_]*")  # of a lesson or an exercise: files are called by it

WRITING, READING = KINDS = ("writing", "reading")  # code is written, or what it does predicted
SCRIPT = "script.py"  # a stranger's script that a reading exercise quotes, in its folder
QUOTE = re.compile(r"^```python (\S+)\n```$", re.M)  # an empty block: the code comes from elsewhere


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One lesson: the folder `lessons/NAME/` of some content, its title, its question.

    content: the content's folder. reading_minutes: what the page takes without its exercises.
    """

    name: str
    title: str
    question: str
    reading_minutes: int
    exercises: tuple[str, ...] = ()
    content: Path = CONTENT

    @property
    def path(self) -> Path:
        """The notebook, in English."""
        return self.content / "lessons" / self.name / "lesson.py"

    def beside(self, name: str) -> Path | None:
        """The lesson's file `name`, such as `cheat_sheet.md`, in the language in use; None if missing."""
        path = translated(self.path.with_name(name))
        return path if path.is_file() else None


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise: its folder, and what `exercise.toml` says.

    after: exercises that should be solved before. reference: the symbol of ours that it leads to,
    empty where it leads to none.
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
    hints: tuple[str, ...]
    reference: str = ""
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
        return regular_text(translated(self.folder / "statement.md"))

    def _quoted(self, reference: str) -> str:
        if reference == SCRIPT:
            code = regular_text(self.folder / SCRIPT).strip()
        else:
            file, _, _ = reference.partition("::")
            code = f"# torchcamp/{file}\n{source_of(reference)}"
        return f"```python\n{code}\n```"

    @property
    def starter(self) -> str:
        return regular_text(self.folder / "starter.py")

    @property
    def checks(self) -> str:
        return regular_text(self.folder / "checks.py")

    @property
    def solution(self) -> str:
        return regular_text(self.folder / "solution.py")

    @property
    def accepted(self) -> tuple[Path, ...]:
        return tuple(sorted((self.folder / "accepted").glob("*.py")))

    @property
    def redundant(self) -> tuple[str, ...]:
        """Entries of the catalogue that are no mistakes: an accepted answer does them, and says so."""
        texts = (ast.get_docstring(ast.parse(regular_text(path))) or "" for path in self.accepted)
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
            raise ContentError(f"exercise {self.name}: {in_words(error)}") from error
        if problems:
            raise ContentError(f"exercise {self.name}: {MISCONCEPTIONS}: {'; '.join(problems)}")
        return found


def read_exercise(folder: Path, code: str = "") -> Exercise:
    """The exercise in `folder`.

    Args:
        code: a language, into which title and hints may be translated.

    Raises:
        ContentError: `exercise.toml` is missing, cannot be read, or has other entries.
    """
    path = folder / "exercise.toml"
    files = [path, *({translated(path, code)} - {path} if code else ())]
    try:
        values: dict[str, Any] = {}
        for file in files:
            entries = tomllib.loads(regular_text(file))
            lists = {key: tuple(value) for key, value in entries.items() if isinstance(value, list)}
            values |= entries | lists
        exercise = Exercise(name=folder.name, folder=folder, **values)
    except OSError as error:
        raise ContentError(f"exercise {folder.name}: {in_words(error)}") from error
    except (ValueError, TypeError) as error:
        raise ContentError(f"exercise {folder.name}: {error}") from error
    if wrong := _of_another_type(exercise):
        raise ContentError(f"exercise {folder.name}: exercise.toml: {wrong}")
    return exercise


def _of_another_type(exercise: Exercise) -> str:
    """What is wrong with an entry of `exercise.toml`, or ""."""
    for key in ("title", "reference", "kind"):
        if not isinstance(getattr(exercise, key), str):
            return f"{key} must be a text"
    for key in ("minutes", "seconds"):
        if type(getattr(exercise, key)) is not int or getattr(exercise, key) < 1:
            return f"{key} must be a whole number from 1"
    for key in ("concepts", "hints", "after"):
        value = getattr(exercise, key)
        if not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
            return f"{key} must be a list of texts"
    return "" if isinstance(exercise.core, bool) else "core must be true or false"


@dataclass(frozen=True, kw_only=True)
class Course:
    """The lessons and exercises of some content, in order.

    title: of the content. folder: where it lies. extends: it stands on top of ours.
    """

    title: str
    folder: Path
    extends: bool
    lessons: tuple[Lesson, ...]
    exercises: dict[str, Exercise] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Whether it is the content that ships."""
        return self.folder == CONTENT

    @property
    def own_exercises(self) -> list[Exercise]:
        """The exercises that lie in this content itself, not in ours below it."""
        return [each for each in self.exercises.values() if each.folder.is_relative_to(self.folder)]

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


def course() -> Course:
    """The course whose content holds, in the language in use.

    Raises:
        ContentError: the content does not hold together, or has gone.
        UserError: see `held_content`.
    """
    return read_course(held_content(), language())


def lessons() -> tuple[Lesson, ...]:
    """The lessons of the course whose content holds, in its order; see `course`."""
    return read_lessons(held_content(), language())


def held_content() -> Path:
    """The folder of the content that holds: TORCHCAMP_CONTENT's, else the workspace's, else ours.

    Raises:
        ContentError: the content does not exist, or it is a stranger's workspace that names it: nobody
            has agreed to run its code.
        WorkspaceError: the workspace's settings are damaged.
    """
    if asked := os.environ.get(CONTENT_VARIABLE):
        return local_content(asked)
    settings = read_settings(find_workspace())
    if not settings.content:
        return CONTENT
    folder = local_content(settings.content)
    if not may_run(folder):
        raise ContentError(
            f"the code of {folder} has not been agreed to: look at it, then type: torchcamp start"
        )
    return folder


def may_run(folder: Path) -> bool:
    """Whether the code of the content in `folder` runs without a question: it is ours, was agreed to,
    or was installed."""
    return folder == CONTENT or is_agreed(folder) or folder in installed_content().values()


@cache
def installed_content() -> dict[str, Path]:
    """Name -> folder of the content that installed packages bring.

    A package names it by an entry point in the group `torchcamp.content`, whose value is the package
    that holds `course.toml`.
    """
    found = {}
    for entry in importlib.metadata.entry_points(group=GROUP):
        try:
            spec = importlib.util.find_spec(entry.value)
        except (ImportError, ValueError):
            spec = None
        for place in (spec and spec.submodule_search_locations) or ():
            found[entry.name] = Path(place).resolve()
    return found


def lesson_folders() -> list[Path]:
    """The folders with lessons of the content that holds and of all installed content, without ours.

    Raises:
        ContentError, WorkspaceError: see `held_content`.
    """
    found = {held_content(), *installed_content().values()} - {CONTENT}
    return sorted(folder / "lessons" for folder in found)


def local_content(asked: str) -> Path:
    """The folder of content by its name, or by itself.

    Args:
        asked: `torchcamp` for ours, the name of an installed one, or a folder.

    Raises:
        ContentError: the content does not exist.
    """
    if asked == OURS:
        return CONTENT
    by_name = None if os.sep in asked else installed_content().get(asked)
    folder = by_name or Path(os.path.realpath(Path(asked).expanduser()))
    if not (folder / "course.toml").exists():
        names = ", ".join([OURS, *sorted(installed_content())])
        what = "has no course.toml" if folder.is_dir() else "is not there"
        raise ContentError(f"content {asked!r}: {folder} {what}; by name there is: {names}")
    return folder


@cache
def read_course(folder: Path, code: str = "") -> Course:
    """The course of the content in `folder`.

    Args:
        code: the language into which titles, questions and hints may be translated.

    Raises:
        ContentError: the content does not hold together.
    """
    about, found = _about(folder), read_lessons(folder, code)
    exercises = [
        read_exercise(lesson.path.parent / name, code)
        for lesson in found
        for name in lesson.exercises
    ]
    return Course(
        title=about.get("title", OURS if folder == CONTENT else folder.name),
        folder=folder,
        extends=extends_ours(folder),
        lessons=found,
        exercises={each.name: each for each in exercises},
    )


@cache
def read_lessons(folder: Path, code: str = "") -> tuple[Lesson, ...]:
    """The lessons of the content in `folder`, and of ours where it stands on top of ours.

    Raises:
        ContentError: an entry is incomplete, its file is missing, a file has no entry, or a name is
            also one of ours.
    """
    about, found = _about(folder), _own_lessons(folder, code)
    if "extends" in about:
        ours = _own_lessons(CONTENT, code)
        _refuse_taken_names(ours, found)
        found = (*ours, *found)
    order = about.get("order")
    if order is None:
        return found
    by_name = {lesson.name: lesson for lesson in found}
    own = {lesson.name for lesson in found if lesson.content == folder}
    unknown = [name for name in order if name not in by_name]
    if unknown or len(set(order)) != len(order) or not own <= set(order):
        wrong = unknown[0] if unknown else next(iter(sorted(own - set(order))), "a lesson twice")
        what = "names" if unknown or own <= set(order) else "leaves out"
        raise ContentError(f"{folder / 'course.toml'}: order {what} {wrong}")
    return tuple(by_name[name] for name in order)


def _refuse_taken_names(ours: tuple[Lesson, ...], own: tuple[Lesson, ...]) -> None:
    """Names are keys of the learner's progress and of answers/: one that is ours would mix the two."""
    taken = {name for lesson in ours for name in (lesson.name, *lesson.exercises)}
    for lesson in own:
        for name in (lesson.name, *lesson.exercises):
            if name in taken:
                raise ContentError(
                    f"{lesson.content / 'course.toml'}: {name!r} is a name of torchcamp's own course, on "
                    "which this content stands; choose another"
                )


def extends_ours(folder: Path) -> bool:
    """Whether the content in `folder` stands on top of ours.

    Raises:
        ContentError: its `course.toml` cannot be read.
    """
    return "extends" in _about(folder)


def _about(folder: Path) -> dict[str, Any]:
    """The entries of `course.toml`."""
    path = folder / "course.toml"
    try:
        entries = tomllib.loads(regular_text(path))
    except OSError as error:
        raise ContentError(in_words(error)) from error
    except (ValueError, RecursionError) as error:
        raise ContentError(f"{path}: {error}") from error
    if entries.get("extends", OURS) != OURS:
        raise ContentError(
            f'{path}: extends may only be "{OURS}"; leave it out to begin from nothing'
        )
    if not isinstance(entries.get("title", ""), str):
        raise ContentError(f"{path}: title must be a text")
    order = entries.get("order", [])
    if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
        raise ContentError(f"{path}: order must be a list of lessons' names")
    if not isinstance(entries.get("lesson", []), list):
        raise ContentError(f"{path}: a lesson begins with [[lesson]]")
    return entries


def _own_lessons(folder: Path, code: str) -> tuple[Lesson, ...]:
    """The lessons that lie in `folder` itself, in the order of their entries."""
    path = folder / "course.toml"
    try:
        found = tuple(
            Lesson(**(entry | {"exercises": tuple(entry.get("exercises", ())), "content": folder}))
            for entry in _about(folder).get("lesson", [])
        )
    except (TypeError, AttributeError) as error:
        raise ContentError(f"{path}: {error}") from error
    for lesson in found:
        for name in (lesson.name, *lesson.exercises):
            if not isinstance(name, str) or not NAME.fullmatch(name):
                raise ContentError(
                    f"{path}: {name!r} is not a name: use lower-case letters, digits and _"
                )
        if type(lesson.reading_minutes) is not int:
            raise ContentError(f"{path}: lesson {lesson.name}: reading_minutes is a whole number")
    names = [lesson.name for lesson in found]
    on_disk = {path.parent.name for path in (folder / "lessons").glob("*/lesson.py")}
    if not found or set(names) != on_disk or len(on_disk) != len(names):
        raise ContentError(
            f"{path} names the lessons {sorted(names)}, {folder / 'lessons'} holds {sorted(on_disk)}"
        )
    exercises = [name for lesson in found for name in lesson.exercises]
    twice = next((name for name in exercises if exercises.count(name) > 1), None)
    if twice:
        raise ContentError(f"{path} names the exercise {twice!r} twice")
    words = _translated_words(folder, code)
    return tuple(replace(lesson, **words.get(lesson.name, {})) for lesson in found)


def _translated_words(folder: Path, code: str) -> dict[str, dict[str, str]]:
    """Lesson -> title and question in the language `code`, from `course.de.toml`."""
    path = folder / "course.toml"
    other = translated(path, code) if code else path
    if other == path:
        return {}
    try:
        entries = tomllib.loads(regular_text(other))
        return {
            name: {key: str(words[key]) for key in ("title", "question") if key in words}
            for name, words in entries.items()
        }
    except OSError as error:
        raise ContentError(in_words(error)) from error
    except (ValueError, TypeError) as error:
        raise ContentError(f"{other}: {error}") from error
