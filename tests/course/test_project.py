"""`torchcamp new`: what it writes runs, trains, resumes and is read, without installing anything."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from torchcamp.base.errors import UserError
from torchcamp.course.project import begin_project


def torchcamp(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "torchcamp", *args], cwd=cwd, capture_output=True, text=True
    )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Pictures of one's own: bright ones and dark ones, in a folder for each."""
    rng = np.random.default_rng(0)
    for name, low in (("bright", 150), ("dark", 0)):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for n in range(30):
            pixels = rng.integers(low, low + 100, size=(40, 40), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{n}.png")
    return tmp_path / "pictures"


def test_a_new_project_trains_on_own_pictures_resumes_and_is_read(tmp_path: Path, pictures: Path):
    made = torchcamp("new", "bright_or_dark", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "torchcamp train bright_or_dark/recipe.py:quick" in made.stderr
    assert "class BrightOrDark(nn.Module)" in (tmp_path / "bright_or_dark/model.py").read_text()

    own = subprocess.run([sys.executable, "bright_or_dark/test_model.py"], cwd=tmp_path)
    assert own.returncode == 0

    trained = torchcamp(
        "train", "bright_or_dark/recipe.py:default", "--data", f"folder:{pictures}", "--epochs",
        "10", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    outcome = json.loads(trained.stdout)
    assert outcome["test_accuracy"] == 1
    assert Path(outcome["run"]).name.startswith("bright_or_dark-")
    # The run holds its own copy: it is evaluated although the project has changed since.
    (tmp_path / "bright_or_dark/model.py").write_text("raise RuntimeError('changed')\n")
    measured = torchcamp("evaluate", "latest", "--json", cwd=tmp_path)
    assert measured.returncode == 0, measured.stderr
    again = torchcamp("train", "--resume", outcome["run"], "--json", cwd=tmp_path)
    assert again.returncode == 0, again.stderr


def test_reading_the_projects_model(tmp_path: Path):
    begin_project("leaves", tmp_path)
    done = torchcamp(
        "read", "leaves/model.py:Leaves", "--args", "config=LeavesConfig()", "--input",
        "2x1x28x28", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["crash"] is None


@pytest.mark.parametrize("name", ["3d", "My-Net", "class", "", "a/b"])
def test_names_that_are_no_modules(tmp_path: Path, name: str):
    with pytest.raises(UserError, match="is not a module name"):
        begin_project(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path):
    begin_project("mine", tmp_path)
    (tmp_path / "mine/model.py").write_text("# mine\n")
    refused = torchcamp("new", "mine", cwd=tmp_path)
    assert refused.returncode == 2
    assert "already exists" in refused.stderr
    assert (tmp_path / "mine/model.py").read_text() == "# mine\n"
