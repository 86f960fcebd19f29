"""The page's editor and any other editor on one file: nothing is lost, and conflicts are said."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from torchcamp.course import exercise_editor
from torchcamp.course.content import course
from torchcamp.course.exercise_editor import ExerciseInPage
from torchcamp.course.judge.client import Judge
from torchcamp.course.workspace import prepare_workspace

RIGHT = course().find("conv_output_size").solution


class Thread(threading.Thread):
    should_exit = False


class Page:
    """What the browser would see and send."""

    def __init__(self, workspace: Path, judge: Judge) -> None:
        self.exercise = ExerciseInPage(
            course().find("conv_output_size"), workspace, judge, "<p>s</p>", thread=Thread
        )
        self.told: list[dict[str, Any]] = []
        self.exercise.widget.tell = lambda kind, **content: self.told.append(  # type: ignore[method-assign]
            {"told": kind, **content}
        )
        self.path = self.exercise.path
        self.backups = workspace / ".torchcamp" / "backups"

    def send(self, kind: str, text: str, base: str | None = None) -> None:
        message = {"kind": kind, "text": text, "base": base or self.exercise.known}
        self.exercise.widget._receive(None, message, [])

    def wait(self, kind: str) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for message in self.told:
                if message["told"] == kind:
                    self.told.remove(message)
                    return message
            time.sleep(0.01)
        raise AssertionError(f"no {kind}: {self.told}")

    def kept(self) -> list[str]:
        return sorted(path.read_text() for path in self.backups.glob("*.py"))


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        yield judge


@pytest.fixture
def page(tmp_path: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setattr(exercise_editor, "POLL_SECONDS", 0.02)
    page = Page(prepare_workspace(tmp_path / "camp"), judge)
    yield page
    page.exercise.watcher.should_exit = True
    page.exercise.watcher.join()


def test_saving_and_checking(page: Page):
    page.send("save", "x = 1\n")
    assert page.wait("saved")["text"] == "x = 1\n"
    assert page.path.read_text() == "x = 1\n"
    page.send("check", RIGHT)
    assert page.wait("verdict")["verdict"] == "pass"
    assert page.path.read_text() == RIGHT
    assert page.exercise.widget.standing == "passed"


@pytest.mark.parametrize("first", ["soon", "save"])
def test_the_judge_begins_when_an_answer_is_first_gone_to_or_changed(
    page: Page, judge: Judge, monkeypatch: pytest.MonkeyPatch, first: str
):
    """Not when it is only read; so the first check need not wait for torch."""
    begun: list[bool] = []
    monkeypatch.setattr(judge, "warm", lambda: begun.append(True))
    page.send("open", "")
    assert page.wait("text")
    assert not begun
    page.send(first, "x = 1\n")
    deadline = time.monotonic() + 10
    while not begun and time.monotonic() < deadline:
        time.sleep(0.01)
    assert begun == [True]
    page.send("save", "x = 2\n")
    assert page.wait("saved")
    time.sleep(0.1)
    assert begun == [True]


def test_another_editors_change_is_shown(page: Page):
    page.path.write_text("x = 2\n")
    message = page.wait("text")
    assert (message["text"], message["external"]) == ("x = 2\n", True)
    page.send("save", "x = 3\n", base=message["base"])
    page.wait("saved")
    assert page.path.read_text() == "x = 3\n"


def test_both_edit_at_once_and_mine_is_kept(page: Page):
    base = page.exercise.known
    page.path.write_text("theirs = 1\n")
    page.send("save", "mine = 1\n", base=base)
    page.wait("conflict")
    assert page.path.read_text() == "theirs = 1\n"
    assert page.kept() == ["mine = 1\n"]
    page.send("mine", "mine = 1\n")
    page.wait("saved")
    assert page.path.read_text() == "mine = 1\n"
    assert "theirs = 1\n" in page.kept()


def test_both_edit_at_once_and_theirs_is_taken(page: Page):
    base = page.exercise.known
    page.path.write_text("theirs = 1\n")
    page.send("check", "mine = 1\n", base=base)
    page.wait("conflict")
    page.send("theirs", "mine = 1\n")
    while page.wait("text").get("external"):
        pass
    assert page.path.read_text() == "theirs = 1\n"
    assert "mine = 1\n" in page.kept()


def test_start_over_keeps_what_was_typed(page: Page):
    page.send("reset", "unsaved = 1\n")
    assert page.wait("text")["text"] == course().find("conv_output_size").starter
    assert "unsaved = 1\n" in page.kept()


def test_hints_and_solution(page: Page):
    page.send("hint", "")
    page.send("hint", "")
    assert list(page.exercise.widget.hints) == list(course().find("conv_output_size").hints[:2])
    page.send("solution", "")
    assert page.wait("solution")["text"] == RIGHT


def test_a_pass_in_the_terminal_is_seen_in_the_page(page: Page):
    page.path.write_text(RIGHT)
    page.wait("text")
    verdict = page.exercise.judge.verdict(page.exercise.exercise, page.path)
    page.exercise.progress.record(verdict, RIGHT)
    deadline = time.monotonic() + 10
    while page.exercise.widget.standing != "passed" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert page.exercise.widget.standing == "passed"


def test_a_removed_file_begins_again(page: Page):
    page.path.unlink()
    deadline = time.monotonic() + 10
    while not page.path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert page.path.read_text() == course().find("conv_output_size").starter


def test_a_page_that_opens_again_gets_the_file_as_it_is(page: Page):
    page.send("save", "x = 1\n")
    page.wait("saved")
    page.send("open", "", base="of long ago")
    assert page.wait("text")["text"] == "x = 1\n"
    assert page.exercise.widget.text == "x = 1\n"
