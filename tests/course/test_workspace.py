"""The learner's folder: made, found, updated, and never robbed."""

import json
import stat
from pathlib import Path

import pytest

from torchcamp.base.errors import WorkspaceError
from torchcamp.course import workspace as room
from torchcamp.course.content import lessons
from torchcamp.course.workspace import find_workspace, prepare_workspace


def test_everything_is_made(tmp_path: Path):
    folder = prepare_workspace(tmp_path / "camp")
    assert sorted(path.name for path in folder.iterdir()) == [
        ".torchcamp",
        "answers",
        "lessons",
        "runs",
    ]
    for lesson in lessons():
        assert (folder / "lessons" / f"{lesson.name}.py").read_text() == lesson.path.read_text()
    assert "auto_instantiate = true" in (folder / "lessons" / "pyproject.toml").read_text()


def test_others_cannot_look_into_what_is_made_and_what_is_there_stays(tmp_path: Path):
    def modes(folder: Path) -> dict[str, int]:
        return {
            each.name: stat.S_IMODE(each.stat().st_mode)
            for each in (folder, *folder.iterdir())
            if each.is_dir()
        }

    assert set(modes(prepare_workspace(tmp_path / "deep" / "camp")).values()) == {0o700}
    shared = tmp_path / "shared"
    (shared / "answers").mkdir(parents=True)
    shared.chmod(0o750)
    (shared / "answers").chmod(0o775)
    found = modes(prepare_workspace(shared))
    assert (found["shared"], found["answers"], found["lessons"]) == (0o750, 0o775, 0o700)


def test_without_a_wish_it_is_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert find_workspace() is None
    assert prepare_workspace() == tmp_path / "home" / "torchcamp"


def test_the_nearest_upward_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "camp" / ".torchcamp").mkdir(parents=True)
    (tmp_path / "camp" / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "camp" / "deep" / "er")
    assert find_workspace() == tmp_path / "camp"
    assert prepare_workspace() == tmp_path / "camp"
    assert (tmp_path / "camp" / "lessons").is_dir()


def newer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    """A newer torchcamp whose first lesson holds `text`."""

    class Newer:
        name = lessons()[0].name
        path = tmp_path / "newer.py"

    Newer.path.write_text(text)
    monkeypatch.setattr(room, "lessons", lambda: (Newer,))


def test_an_untouched_lesson_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = prepare_workspace(tmp_path / "camp")
    newer(monkeypatch, tmp_path, "# new\n")
    prepare_workspace(folder)
    name = lessons()[0].name
    assert (folder / "lessons" / f"{name}.py").read_text() == "# new\n"
    assert not list(folder.glob("lessons/*.yours*.py"))


def test_a_changed_lesson_stays_until_ours_changes_then_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = prepare_workspace(tmp_path / "camp")
    lesson = folder / "lessons" / f"{lessons()[0].name}.py"
    lesson.write_text("# mine\n")
    prepare_workspace(folder)
    assert lesson.read_text() == "# mine\n"
    newer(monkeypatch, tmp_path, "# new\n")
    prepare_workspace(folder)
    assert lesson.read_text() == "# new\n"
    assert lesson.with_suffix(".yours.py").read_text() == "# mine\n"
    lesson.write_text("# mine again\n")
    newer(monkeypatch, tmp_path, "# newer still\n")
    prepare_workspace(folder)
    assert lesson.with_suffix(".yours.py").read_text() == "# mine\n"
    assert lesson.with_suffix(".yours2.py").read_text() == "# mine again\n"


def test_a_lost_record_counts_every_difference_as_the_learners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = prepare_workspace(tmp_path / "camp")
    lesson = folder / "lessons" / f"{lessons()[0].name}.py"
    lesson.write_text("# mine\n")
    (folder / ".torchcamp" / "lessons.json").write_text("{ torn")
    prepare_workspace(folder)
    assert lesson.with_suffix(".yours.py").read_text() == "# mine\n"
    assert json.loads((folder / ".torchcamp" / "lessons.json").read_text())


def test_a_lesson_that_is_gone_is_taken_away_and_kept_if_it_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = prepare_workspace(tmp_path / "camp")
    untouched, changed = (folder / "lessons" / f"{lessons()[n].name}.py" for n in (1, 2))
    changed.write_text("# mine\n")
    newer(monkeypatch, tmp_path, "# the only lesson\n")
    prepare_workspace(folder)
    assert not untouched.exists()
    assert not changed.exists()
    assert changed.with_suffix(".yours.py").read_text() == "# mine\n"
    record = json.loads((folder / ".torchcamp" / "lessons.json").read_text())
    assert set(record) == {lessons()[0].name}
    prepare_workspace(folder)
    assert changed.with_suffix(".yours.py").exists()


def test_answers_and_runs_are_never_touched(tmp_path: Path):
    folder = prepare_workspace(tmp_path / "camp")
    (folder / "answers" / "mine.py").write_text("x = 1\n")
    prepare_workspace(folder)
    assert (folder / "answers" / "mine.py").read_text() == "x = 1\n"


def test_a_place_that_cannot_be(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot create the workspace"):
        prepare_workspace(tmp_path / "file" / "camp")
