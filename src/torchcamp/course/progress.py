"""The learner's progress: one small file, written by both the page and the terminal.

`.torchcamp/progress.json`:

    version     1
    exercises   name -> attempts, hints (how many were shown), first_pass (time), passed (hash of
                the answer that passed), last (the last verdict), misconceptions (name -> how often
                a check recognised it)
    questions   name -> the answer before the lesson, and the answer after it
    latest      the exercise that was checked last

An exercise that passed once stays passed; an answer changed since then is shown as changed.
"""

import contextlib
import fcntl
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torchcamp.base.errors import WorkspaceError
from torchcamp.base.files import regular_text, require_regular, save_text, text_hash
from torchcamp.base.wire import JsonObject
from torchcamp.course.content import Exercise, course
from torchcamp.course.judge.client import Verdict
from torchcamp.course.misconceptions import Misconception
from torchcamp.course.settings import MARK

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An exercise's state: `new`, `tried`, `passed` or `changed` (since it passed)."""

    state: str
    attempts: int
    hints: int

    @property
    def passed(self) -> bool:
        return self.state in ("passed", "changed")


@dataclass(frozen=True, kw_only=True)
class Met:
    """A misconception that the learner met. times: checks that recognised it."""

    exercise: Exercise
    misconception: Misconception
    times: int


class Progress:
    """The progress of one workspace."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.path = workspace / MARK / "progress.json"

    def read(self) -> JsonObject:
        """The file's content, or an empty record if the file does not exist.

        Raises:
            WorkspaceError: the file is damaged, or was written by a newer torchcamp.
        """
        if not self.path.exists():
            return {"version": VERSION, "exercises": {}, "questions": {}}
        try:
            content = json.loads(regular_text(self.path))
            version = content.get("version", 0) if isinstance(content, dict) else 0
            if isinstance(version, int) and version > VERSION:
                raise WorkspaceError(
                    f"{self.path} was written by a newer torchcamp; update torchcamp"
                )
            if not _is_record(content):
                raise ValueError("it does not hold what torchcamp writes")
        except (OSError, ValueError, RecursionError) as error:
            words = getattr(error, "strerror", None) or error
            raise WorkspaceError(
                f"{self.path} is damaged ({words}); move it away to start a new one"
            ) from error
        return content

    def standing(self, exercise: str) -> Standing:
        """The standing of `exercise`, from the recorded progress and the current answer."""
        entry = self.read()["exercises"].get(exercise, {})
        attempts, hints = entry.get("attempts", 0), entry.get("hints", 0)
        if "passed" in entry:
            answer = self.workspace / "answers" / f"{exercise}.py"
            same = False
            with contextlib.suppress(OSError):  # gone, or no text
                same = text_hash(regular_text(answer)) == entry["passed"]
            state = "passed" if same else "changed"
        else:
            state = "tried" if attempts else "new"
        return Standing(state=state, attempts=attempts, hints=hints)

    def record(self, verdict: Verdict, answer: str) -> None:
        """Count an attempt, and record a pass."""
        with self._changing() as content:
            entry = content["exercises"].setdefault(verdict.exercise, {})
            content["latest"] = verdict.exercise
            entry["attempts"] = entry.get("attempts", 0) + 1
            entry["last"] = verdict.verdict
            if verdict.misconception:
                met = entry.setdefault("misconceptions", {})
                met[verdict.misconception] = met.get(verdict.misconception, 0) + 1
            if verdict.passed:
                entry.setdefault("first_pass", time.strftime("%Y-%m-%dT%H:%M:%S%z"))
                entry["passed"] = text_hash(answer)

    def standings(self) -> dict[str, Standing]:
        """Every exercise's standing, in the order of the course."""
        return {name: self.standing(name) for name in course().exercises}

    def met(self) -> list[Met]:
        """The misconceptions that the learner met and the course still has, the most frequent first."""
        found = []
        for name, entry in self.read()["exercises"].items():
            times = entry.get("misconceptions", {})
            exercise = course().exercises.get(name)
            if times and exercise:
                found += [
                    Met(exercise=exercise, misconception=each, times=times[each.name])
                    for each in exercise.misconceptions
                    if each.name in times
                ]
        return sorted(found, key=lambda each: -each.times)

    def latest(self) -> Exercise | None:
        """The exercise that was checked last, if the course still has it."""
        return course().exercises.get(self.read().get("latest", ""))

    def take_hint(self, exercise: str, available: int) -> int:
        """Count one more hint; returns how many are shown now, at most `available`."""
        with self._changing() as content:
            entry = content["exercises"].setdefault(exercise, {})
            entry["hints"] = min(entry.get("hints", 0) + 1, available)
            return entry["hints"]

    def commit(self, question: str, answer: str, *, again: bool = False) -> None:
        """Record the learner's answer to a lesson's question, before it or (`again`) after it."""
        with self._changing() as content:
            entry = content["questions"].setdefault(question, {})
            entry["again" if again else "first"] = answer

    def answer(self, question: str, *, again: bool = False) -> str | None:
        """The recorded answer to a question, or None."""
        return self.read()["questions"].get(question, {}).get("again" if again else "first")

    @contextlib.contextmanager
    def _changing(self) -> Iterator[JsonObject]:
        """Read, change and replace the file; the page and the terminal take turns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        path = self.path.parent / "progress.lock"
        if path.exists():
            require_regular(path)
        with path.open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            content = self.read()
            yield content
            text = json.dumps(content, indent=2) + "\n"
            save_text(self.path, text)


def _is_record(content: Any) -> bool:
    """Whether `content` has the form of a progress.json, as far as it is read."""
    if not isinstance(content, dict) or not isinstance(content.get("version", 0), int):
        return False
    exercises, questions = content.get("exercises"), content.get("questions")
    if not isinstance(exercises, dict) or not isinstance(questions, dict):
        return False
    if not isinstance(content.get("latest", ""), str):
        return False
    return all(
        isinstance(entry, dict) for entry in (*exercises.values(), *questions.values())
    ) and all(
        all(isinstance(entry.get(name, 0), int) for name in ("attempts", "hints"))
        and isinstance(entry.get("misconceptions", {}), dict)
        and all(isinstance(times, int) for times in entry.get("misconceptions", {}).values())
        for entry in exercises.values()
    )


def following(standings: Mapping[str, Standing], after: str | None = None) -> Exercise | None:
    """The next exercise to solve: the core first, then the rest; None once all are solved.

    Args:
        standings: of every exercise; one that is missing counts as new.
        after: the exercise just solved. What is left of its kind in its lesson comes first.
    """
    left = [
        each
        for name, each in course().exercises.items()
        if name not in standings or not standings[name].passed
    ]
    lesson = course().lesson_of(after) if after else None
    near = [
        each
        for each in left
        if lesson and each.name in lesson.exercises and each.core == course().find(str(after)).core
    ]
    core = [each for each in left if each.core]
    return next(iter(near + core + left), None)
