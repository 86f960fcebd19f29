"""What is new since an update: shown until the lesson is opened, and never in a new workspace."""

import json
from pathlib import Path

import pytest

from torchcamp.course import news
from torchcamp.course.content import course
from torchcamp.course.workspace import prepare_workspace

FIRST = course().lessons[0]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return prepare_workspace(tmp_path / "camp")


def seen(workspace: Path) -> dict:
    return json.loads((workspace / ".torchcamp" / "seen.json").read_text())


def remember(workspace: Path, content: dict) -> None:
    (workspace / ".torchcamp" / "seen.json").write_text(json.dumps(content))


def test_a_new_workspace_has_no_news(workspace: Path):
    assert news.news(workspace) == {}
    prepare_workspace(workspace)
    assert news.news(workspace) == {}


def test_a_new_lesson_a_new_exercise_a_revised_text(workspace: Path):
    content = seen(workspace)
    del content["lessons"]["losses"]
    content["exercises"].remove(FIRST.exercises[2])
    content["exercises"].remove(FIRST.exercises[3])
    content["lessons"]["mlp"] = "another hash"
    remember(workspace, content)
    assert news.news(workspace) == {"tensors": "2 new exercises", "losses": "new", "mlp": "revised"}
    news.mark_seen(workspace, "tensors")
    news.mark_seen(workspace, "losses")
    assert news.news(workspace) == {"mlp": "revised"}
    news.mark_seen(workspace, "no_such_lesson")
    assert news.news(workspace) == {"mlp": "revised"}


def test_a_workspace_of_an_earlier_torchcamp(workspace: Path):
    """It knows the lessons that it was given, and has not seen the others."""
    (workspace / ".torchcamp" / "seen.json").unlink()
    record = workspace / ".torchcamp" / "lessons.json"
    record.write_text(json.dumps({"cnn": json.loads(record.read_text())["cnn"]}))
    prepare_workspace(workspace)
    found = news.news(workspace)
    assert "cnn" not in found
    assert found["tensors"] == "new"
    assert len(found) == len(course().lessons) - 1


def test_a_damaged_record_is_no_news(workspace: Path):
    (workspace / ".torchcamp" / "seen.json").write_text("{")
    assert news.news(workspace) == {}
    prepare_workspace(workspace)
    assert news.news(workspace) == {}
