"""An exercise in a lesson's page: editor, checks, hints, and backups of the learner's text."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torchcamp.base.files import regular_text, save_text, text_hash
from torchcamp.base.wire import JsonObject
from torchcamp.course import answers
from torchcamp.course.content import Exercise, course
from torchcamp.course.judge.client import Judge
from torchcamp.course.progress import Progress
from torchcamp.course.progress import following as after
from torchcamp.widgets.exercise_editor import ExerciseEditor

POLL_SECONDS = 0.5  # between checks whether another editor changed the file


class ExerciseInPage:
    """Connects the editor to the answer's file, the judge and the learner's progress.

    Args:
        exercise: the exercise to show.
        workspace: the learner's workspace.
        judge: runs the answers; may be shared by all exercises of a page.
        statement: the statement as HTML.
        thread: thread class whose messages reach the page.
    """

    def __init__(
        self,
        exercise: Exercise,
        workspace: Path,
        judge: Judge,
        statement: str,
        thread: Callable[..., Any] = threading.Thread,
    ) -> None:
        self.exercise, self.workspace, self.judge = exercise, workspace, judge
        self.progress = Progress(workspace)
        self.path = answers.answer_path(workspace, exercise)
        self.lock = threading.Lock()
        self.warmed = False
        self.make_thread = thread
        text = regular_text(self.path)
        self.known = text_hash(text)
        standing = self.progress.standing(exercise.name)
        self.widget = ExerciseEditor(
            act=self._act,
            name=exercise.name,
            title=exercise.title,
            minutes=exercise.minutes,
            statement=statement,
            path=f"answers/{self.path.name}",
            text=text,
            base=self.known,
            standing=standing.state,
            hints=list(exercise.hints[: standing.hints]),
            num_hints=len(exercise.hints),
        )
        self.watcher = thread(target=self._watch, args=(self._stamp(),), daemon=True)
        self.watcher.start()

    # --- The page's requests ------------------------------------------------------------------

    def _act(self, kind: str, message: JsonObject) -> None:
        if kind == "check":
            # In a thread, so that the kernel stays free for the figures while the judge works.
            self.make_thread(target=self._check, args=(message,), daemon=True).start()
            return
        with self.lock:
            if kind in ("soon", "save") and not self.warmed:  # whoever types will check
                self.warmed = True
                threading.Thread(target=self.judge.warm, daemon=True).start()
            if kind == "open":
                self._show_file("")
            elif kind == "save":
                self._save(message)
            elif kind == "hint":
                shown = self.progress.take_hint(self.exercise.name, len(self.exercise.hints))
                self.widget.hints = list(self.exercise.hints[:shown])
            elif kind == "reset":
                answers.keep(self.workspace, self.exercise, message["text"])
                answers.reset(self.workspace, self.exercise)
                self._show_file("back to the starter; your old answer is in .torchcamp/backups")
            elif kind == "solution":
                passed = self.progress.standing(self.exercise.name).passed
                caption = "For comparison, our solution:" if passed else "Our solution:"
                self.widget.tell("solution", text=self.exercise.solution, words=caption)
            elif kind == "mine":
                answers.keep(self.workspace, self.exercise)
                self._write(message["text"])
            elif kind == "theirs":
                answers.keep(self.workspace, self.exercise, message["text"])
                self._show_file("")

    def _save(self, message: JsonObject) -> bool:
        """Write the page's text, unless the file has changed since the page read it."""
        text, current = message["text"], self._read()
        if text == current:
            self.known = text_hash(text)
            self.widget.tell("saved", base=self.known, text=text)
            return True
        if message["base"] != text_hash(current):
            answers.keep(self.workspace, self.exercise, text)
            self.widget.tell("conflict")
            return False
        self._write(text)
        return True

    def _check(self, message: JsonObject) -> None:
        with self.lock:
            if not self._save(message):
                return
        verdict = self.judge.verdict(self.exercise, self.path)
        with self.lock:
            self.progress.record(verdict, message["text"])
            self._show_standing()
            content = verdict.as_json() | {"base": self.known}
            if verdict.passed:
                content |= self._way_on()
            self.widget.tell("verdict", **{k: v for k, v in content.items() if k != "kind"})

    def _way_on(self) -> JsonObject:
        """What the page says after a pass: how many are solved, and the next exercise."""
        standings = self.progress.standings()
        solved = sum(standing.passed for standing in standings.values())
        told: JsonObject = {"solved": solved, "exercises": len(standings), "next": None}
        following = after(standings, self.exercise.name)
        lesson = course().lesson_of(following.name) if following else None
        if following and lesson:
            told["next"] = {
                "name": following.name,
                "title": following.title,
                "lesson": lesson.name,
                "lesson_title": lesson.title,
                "here": self.exercise.name in lesson.exercises,
            }
        return told

    # --- The file -----------------------------------------------------------------------------

    def _read(self) -> str:
        """The answer; recreated from the starter if the file was removed."""
        return regular_text(answers.answer_path(self.workspace, self.exercise))

    def _write(self, text: str) -> None:
        save_text(self.path, text)
        self.known = text_hash(text)
        self._show_standing()
        self.widget.tell("saved", base=self.known, text=text)

    def _show_file(self, message: str) -> None:
        text = self._read()
        self.known = text_hash(text)
        self._show_standing()
        self.widget.text, self.widget.base = text, self.known
        self.widget.tell("text", text=text, base=self.known, words=message)

    def _show_standing(self) -> None:
        self.widget.standing = self.progress.standing(self.exercise.name).state

    def _watch(self, stamp: tuple[float, ...]) -> None:
        """Show what another editor writes, and what the terminal's checks record."""
        while not getattr(self.watcher, "should_exit", False):
            time.sleep(POLL_SECONDS)
            now = self._stamp()
            if now == stamp:
                continue
            stamp = now
            with self.lock:
                try:
                    text = self._read()
                except (OSError, UnicodeDecodeError):
                    continue  # half-written by the other editor: try again at the next poll
                self._show_standing()
                if text_hash(text) != self.known:
                    self.known = text_hash(text)
                    self.widget.tell(
                        "text",
                        text=text,
                        base=self.known,
                        external=True,
                        words="changed in another editor",
                    )

    def _stamp(self) -> tuple[float, ...]:
        stamps = []
        for path in (self.path, self.progress.path):
            try:
                stamps.append(path.stat().st_mtime_ns)
            except OSError:
                stamps.append(0)
        return tuple(stamps)
