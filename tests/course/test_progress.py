"""Progress is one file, written by both surfaces; answers are never lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from torchcamp.base.errors import Held, WorkspaceError
from torchcamp.base.files import text_hash
from torchcamp.course import answers
from torchcamp.course.content import course
from torchcamp.course.judge.client import Verdict
from torchcamp.course.progress import Progress
from torchcamp.course.workspace import hold, prepare_workspace

NAME = "train_step"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return prepare_workspace(tmp_path / "camp")


def verdict(word: str) -> Verdict:
    return Verdict(exercise=NAME, verdict=word)


def test_from_new_to_changed(workspace: Path):
    progress = Progress(workspace)
    path = answers.answer_path(workspace, course().find(NAME))
    assert path.read_text() == course().find(NAME).starter
    assert progress.standing(NAME).state == "new"
    progress.record(verdict("fail"), path.read_text())
    assert progress.standing(NAME).state == "tried"
    progress.record(verdict("pass"), path.read_text())
    assert progress.standing(NAME).state == "passed"
    path.write_text("# changed\n")
    assert progress.standing(NAME).state == "changed"
    progress.record(verdict("fail"), path.read_text())
    standing = progress.standing(NAME)
    assert standing.passed  # a pass stays a pass
    assert standing.attempts == 3
    assert json.loads(progress.path.read_text())["exercises"][NAME]["first_pass"]


def test_the_time_of_the_first_pass_stays(workspace: Path, monkeypatch: pytest.MonkeyPatch):
    progress = Progress(workspace)
    times = iter(["first", "second"])
    monkeypatch.setattr("time.strftime", lambda form: next(times))
    for text in ("a = 1\n", "a = 2\n"):
        progress.record(verdict("pass"), text)
    entry = json.loads(progress.path.read_text())["exercises"][NAME]
    assert entry["first_pass"] == "first"
    assert entry["passed"] == text_hash("a = 2\n")


def test_hints_come_one_at_a_time_and_end(workspace: Path):
    progress = Progress(workspace)
    assert [progress.take_hint(NAME, 3) for _ in range(5)] == [1, 2, 3, 3, 3]
    assert progress.standing(NAME).hints == 3


def test_the_first_answer_to_a_question_is_kept_beside_the_second(workspace: Path):
    progress = Progress(workspace)
    progress.commit("cnn", "a little")
    progress.commit("cnn", "not at all", again=True)
    assert progress.answer("cnn") == "a little"
    assert progress.answer("cnn", again=True) == "not at all"


def test_two_processes_count_every_attempt(workspace: Path):
    code = (
        "import sys; from pathlib import Path\n"
        "from torchcamp.course.judge.client import Verdict\n"
        "from torchcamp.course.progress import Progress\n"
        "for _ in range(40):\n"
        f"    Progress(Path(sys.argv[1])).record(Verdict(exercise={NAME!r}, verdict='fail'), '')\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, str(workspace)]) for _ in range(2)]
    assert [child.wait(timeout=60) for child in children] == [0, 0]
    assert Progress(workspace).standing(NAME).attempts == 80


def test_a_damaged_file_is_said_and_kept(workspace: Path):
    progress = Progress(workspace)
    progress.path.write_text("{ torn")
    with pytest.raises(WorkspaceError, match="is damaged"):
        progress.standing(NAME)
    with pytest.raises(WorkspaceError, match="is damaged"):
        progress.record(verdict("pass"), "")
    assert progress.path.read_text() == "{ torn"
    progress.path.write_text('{"version": 99}')
    with pytest.raises(WorkspaceError, match="newer torchcamp"):
        progress.read()


def test_reset_keeps_what_was_there(workspace: Path):
    exercise = course().find(NAME)
    path = answers.answer_path(workspace, exercise)
    assert answers.reset(workspace, exercise) is None  # nothing to keep
    for number in range(3):
        path.write_text(f"x = {number}\n")
        kept = answers.reset(workspace, exercise)
        assert kept is not None
        assert kept.read_text() == f"x = {number}\n"
        assert path.read_text() == exercise.starter
    assert len(list((workspace / ".torchcamp" / "backups").iterdir())) == 3


def test_answers_of_exercises_that_are_gone_stay(workspace: Path):
    """An exercise renamed, moved or removed: its answer and its entry are left alone."""
    (workspace / "answers" / "old_name.py").write_text("x = 1\n")
    progress = Progress(workspace)
    progress.record(Verdict(exercise="old_name", verdict="pass"), "x = 1\n")
    prepare_workspace(workspace)
    assert (workspace / "answers" / "old_name.py").read_text() == "x = 1\n"
    assert progress.standing("old_name").state == "passed"


def test_while_a_server_holds_the_workspace_lessons_stay(workspace: Path):
    lesson = workspace / "lessons" / "cnn.py"
    lesson.unlink()
    with hold(workspace):
        prepare_workspace(workspace)  # as `torchcamp check` does
        assert not lesson.exists()
        with pytest.raises(Held, match="already open"), hold(workspace):
            pass
    prepare_workspace(workspace)
    assert lesson.exists()
