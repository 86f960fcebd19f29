"""Which run is meant by `latest`, by a name, and by "the newest of this recipe"."""

import json
import os
from pathlib import Path

import pytest

from tests.described import described
from torchcamp.recipes.trained import find_run, newest_run
from torchcamp.training.run_list import run_descriptions


def write_run(
    root: Path, name: str, recipe: str, started: str, *, weights: bool = True, data: str = "mnist"
) -> Path:
    """A run's folder with the few lines that finding it needs."""
    folder = root / name
    folder.mkdir(parents=True)
    description = described(recipe=recipe, started=started, data={"name": data, "sha256": "0"})
    (folder / "run.json").write_text(json.dumps(description))
    if weights:
        (folder / "weights.safetensors").write_bytes(b"")
    return folder


@pytest.fixture
def roots(tmp_path: Path) -> list[Path]:
    """Two folders of runs; neither names nor writing times are in the order of their start."""
    here, there = tmp_path / "runs", tmp_path / "workspace" / "runs"
    write_run(here, "c", "gan", "2026-01-03T10:00:00+0000")
    write_run(there, "a", "gan", "2026-01-04T10:00:00+0000", data="fashion")
    write_run(here, "d", "vae", "2026-01-05T10:00:00+0000", weights=False)
    write_run(here, "b", "gan", "2026-01-01T10:00:00+0000")
    write_run(there, "e", "vae", "2026-01-02T10:00:00+0000")
    return [here, there]


def test_runs_are_listed_in_the_order_of_their_start(roots: list[Path]):
    assert [path.name for path, _ in run_descriptions(roots)] == ["b", "e", "c", "a", "d"]


def test_runs_that_started_in_the_same_second_are_listed_as_they_were_written(tmp_path: Path):
    for name, written in (("b", 100), ("a", 200), ("c", 50)):
        folder = write_run(tmp_path, name, "gan", "2026-01-01T10:00:00+0000")
        os.utime(folder / "run.json", (written, written))
    assert [path.name for path, _ in run_descriptions([tmp_path])] == ["c", "b", "a"]


def test_latest_is_the_run_that_was_started_last(roots: list[Path]):
    assert find_run("latest", roots) == roots[0] / "d"
    assert newest_run(roots) == roots[0] / "d"


def test_the_newest_of_a_recipe_is_its_last_started_one(roots: list[Path]):
    assert newest_run(roots, "gan") == roots[1] / "a"
    assert newest_run(roots, "vae") == roots[0] / "d"
    assert newest_run(roots, "rnn") is None


def test_a_run_without_weights_is_passed_over_where_they_are_needed(roots: list[Path]):
    assert newest_run(roots, "vae", need_weights=True) == roots[1] / "e"
    assert newest_run(roots, need_weights=True) == roots[1] / "a"


def test_a_run_that_is_not_accepted_is_passed_over(roots: list[Path]):
    assert newest_run(
        roots, "gan", accept=lambda description: description["data"]["name"] == "mnist"
    ) == (roots[0] / "c")
    assert newest_run(roots, "gan", accept=lambda description: False) is None


def test_a_run_is_found_by_its_path_before_its_name(
    roots: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    assert find_run("e", roots) == roots[1] / "e"
    assert find_run(str(roots[0] / "b"), roots) == roots[0] / "b"
    assert find_run("nowhere", roots) is None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "e").mkdir()
    assert find_run("e", roots) == Path("e")
