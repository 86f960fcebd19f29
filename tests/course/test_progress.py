"""Progress is one file, written by both surfaces; answers are never lost."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.program import torchcamp
from torchcamp.base.errors import Held, WorkspaceError
from torchcamp.base.files import text_hash
from torchcamp.course import answers
from torchcamp.course.content import course
from torchcamp.course.judge.client import Verdict
from torchcamp.course.progress import Progress
from torchcamp.course.workspace import hold, prepare_workspace
from torchcamp.instructor.grading.submissions import read_submissions

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


# --- Misconceptions that were met -----------------------------------------------------------------


def wrong(exercise: str, misconception: str) -> Verdict:
    return Verdict(exercise=exercise, verdict="fail", misconception=misconception)


def test_misconceptions_are_remembered_with_counts(workspace: Path):
    progress = Progress(workspace)
    first, second = (each.name for each in course().find(NAME).misconceptions[:2])
    other = course().find("softmax").misconceptions[0].name
    for met in (
        wrong(NAME, first),
        wrong("softmax", other),
        wrong(NAME, second),
        wrong(NAME, second),
    ):
        progress.record(met, "x")
    progress.record(verdict("pass"), "x")
    progress.record(wrong(NAME, "that_the_course_no_longer_has"), "x")
    found = [(met.exercise.name, met.misconception.name, met.times) for met in progress.met()]
    assert found[0] == (NAME, second, 2)
    assert set(found[1:]) == {(NAME, first, 1), ("softmax", other, 1)}


def test_progress_tells_them(workspace: Path):
    progress = Progress(workspace)
    met = course().find("softmax").misconceptions[0]
    for _ in range(3):
        progress.record(wrong("softmax", met.name), "x")
    progress.record(verdict("pass"), "x")
    result = torchcamp("progress", cwd=workspace)
    assert f"3 times  {met.title} (softmax, not solved yet)" in result.stdout
    assert f"1 of {len(course().exercises)} solved" in result.stdout
    content = json.loads(torchcamp("progress", "--json", cwd=workspace).stdout)
    assert (content["solved"], content["checks"]) == (1, 4)
    assert content["misconceptions"] == [
        {"exercise": "softmax", "misconception": met.name, "title": met.title, "times": 3}
    ]
    lesson = course().lesson_of(NAME)
    assert lesson
    assert content["lessons"][lesson.name] == 1


@pytest.mark.parametrize("with_answers", [False, True])
def test_what_is_handed_over(workspace: Path, with_answers: bool):
    progress = Progress(workspace)
    progress.record(verdict("fail"), "x")
    progress.commit("a question", "my secret answer")
    answers.answer_path(workspace, course().find(NAME)).write_text("x = 1\n")
    answers.answer_path(workspace, course().find("softmax"))  # the starter still
    option = ["--answers"] if with_answers else []
    result = torchcamp("export-progress", "--out", "mine.zip", *option, cwd=workspace)
    assert result.returncode == 0, result.stderr
    with zipfile.ZipFile(workspace / "mine.zip") as archive:
        names = archive.namelist()
        content = json.loads(archive.read(".torchcamp/progress.json"))
    assert content["exercises"][NAME]["attempts"] == 1
    assert ("questions" in content) == with_answers
    assert (f"answers/{NAME}.py" in names) == with_answers
    assert "answers/softmax.py" not in names
    assert torchcamp("export-progress", cwd=workspace).returncode == 0
    assert (workspace / "torchcamp-progress.zip").is_file()


def test_the_handed_over_file_can_be_graded(workspace: Path):
    progress = Progress(workspace)
    progress.record(verdict("fail"), "x")
    answers.answer_path(workspace, course().find(NAME)).write_text("x = 1\n")
    assert (
        torchcamp("export-progress", "-o", "anna.zip", "--answers", cwd=workspace).returncode == 0
    )
    (learner,) = read_submissions(workspace / "anna.zip", list(course().exercises)).learners
    assert (learner.name, list(learner.answers), learner.attempts) == ("anna", [NAME], {NAME: 1})
