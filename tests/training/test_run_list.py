"""Runs that somebody edited, cut, copied or wrote: a sentence each, and never a neighbour's harm."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import one_line, torchcamp
from tests.described import described
from torchcamp.base.errors import RunError
from torchcamp.recipes.trained import newest_run
from torchcamp.training.run_list import (
    ENTRIES,
    FORMAT,
    REQUIRED,
    read_description,
    run_descriptions,
)

MEASURE = {"value": 0.5, "error": 0.1, "floor": 0.1, "ceiling": 1.0, "unit": "share",
           "num_samples": 4}  # fmt: skip
WHOLE = described(
    format=FORMAT, class_names=["a", "b"], image_shape=[1, 28, 28], notes=[], best_epoch=2,
    versions={"torch": "2.13.0"}, seconds=1.5, train_seconds=1.0, summary={"test_accuracy": 0.5},
    measures={"accuracy": MEASURE}, measures_key="0", parent=None,
    details={"class_names": ["a", "b"], "confusion": [[1, 0], [2, 1]], "notes": []},
)  # fmt: skip
WRONG_VALUES: list[Any] = [None, 7, -1, 0.5, "x", True, [], {}, [[]], {"a": None}, [1, "a"], 2**70]


def write(folder: Path, content: object) -> Path:
    folder.mkdir(parents=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "run.json").write_text(text)
    return folder


def test_what_a_training_writes_is_read(tmp_path: Path):
    assert read_description(write(tmp_path / "run", WHOLE)) == WHOLE
    before_formats = {k: v for k, v in WHOLE.items() if k != "format"}
    assert read_description(write(tmp_path / "old", before_formats)) == before_formats


def spoiled() -> Iterator[tuple[str, object]]:
    """(words about what is wrong, content of a run.json)."""
    for name in REQUIRED:
        yield f"it has no '{name}'", {k: v for k, v in WHOLE.items() if k != name}
    yield "update with", WHOLE | {"format": FORMAT + 1}
    yield "update with", WHOLE | {"format": "new"}
    yield "not JSON", ""
    yield "not JSON", "{" + json.dumps(WHOLE)
    yield "not JSON", "[" * 100_000
    yield "not JSON", '{"seconds": ' + "9" * 10_000 + "}"
    yield "it holds a list", []
    yield "it holds a NoneType", None
    for name, wrong in (
        ("data", {"name": "digits"}),
        ("data", {"name": "digits", "sha256": "0", "levels": [1]}),
        ("data", {"name": "digits", "sha256": "0", "levels": [9, 1]}),
        ("numbers", {"model": 3}),
        ("measures", {"accuracy": {**MEASURE, "value": "high"}}),
        ("measures", {"accuracy": {**MEASURE, "more": 1}}),
        ("measures", {"accuracy": {"value": 1}}),
        ("details", {"confusion": [[1, 2], [3]], "class_names": ["a", "b"]}),
        ("details", {"confusion": [[1]], "class_names": ["a", "b"]}),
        ("details", {"notes": "one"}),
        ("parent", {"run": "x"}),
    ):
        yield f"'{name}' is not", WHOLE | {name: wrong}


@pytest.mark.parametrize(("words", "content"), list(spoiled()))
def test_a_spoiled_description_is_one_sentence(tmp_path: Path, words: str, content: object):
    with pytest.raises(RunError) as raised:
        read_description(write(tmp_path / "run", content))
    assert words in str(raised.value)
    assert "run.json" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_is_looked_at(tmp_path: Path, name: str):
    """Of a dozen values of all kinds each entry refuses most, and the others do no harm."""
    refused = 0
    for number, value in enumerate(WRONG_VALUES):
        write(tmp_path / str(number), WHOLE | {name: value})
        try:
            read_description(tmp_path / str(number))
        except RunError:
            refused += 1
    assert refused >= 7
    listed = torchcamp("runs", "--json", cwd=tmp_path)
    assert listed.returncode == 0


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "loop", "latin", "huge", "gone"])
def test_what_is_not_a_file_of_text_is_left_alone(tmp_path: Path, kind: str):
    write(tmp_path / "runs" / "good", WHOLE)
    file = tmp_path / "runs" / "bad" / "run.json"
    file.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    elif kind == "folder":
        file.mkdir()
    elif kind == "loop":
        file.symlink_to(file)
    elif kind == "latin":
        file.write_bytes(b'{"recipe": "\xe9"}')
    elif kind == "huge":
        with file.open("wb") as stream:
            stream.truncate(2**40)
    said: list[str] = []
    (run,) = run_descriptions([tmp_path / "runs"], said.append)
    assert run[0].name == "good"
    assert len(said) == (kind != "gone")
    result = torchcamp("runs", "bad", cwd=tmp_path)
    assert result.returncode == 2
    assert "bad" in one_line(result)


def test_one_spoiled_run_takes_nothing_from_its_neighbours(tmp_path: Path):
    good = write(tmp_path / "runs" / "good", WHOLE)
    bad = list(spoiled())
    for number, (_, content) in enumerate(bad):
        write(tmp_path / "runs" / f"bad{number}", content)
    listed = torchcamp("runs", cwd=tmp_path)
    assert listed.returncode == 0
    assert "good" in listed.stdout
    assert listed.stderr.count("run.json") == len(bad)
    shown = torchcamp("runs", "latest", "good", "--json", cwd=tmp_path)
    assert [row["run"] for row in json.loads(shown.stdout)] == ["runs/good"] * 2
    assert newest_run([tmp_path / "runs"]) == good
    for command in (["evaluate", "bad3"], ["runs", "bad3"], ["train", "--resume", "runs/bad3"],
                    ["sample", "bad3"], ["train", "cnn", "--from", "bad3"],
                    ["export", "bad3"], ["compare", "bad3"]):  # fmt: skip
        result = torchcamp(*command, cwd=tmp_path)
        assert result.returncode == 2
        assert "run.json is not as a training writes it" in one_line(result)


HOSTILE = "\x1b]0;owned\x07[/x][bold]\u202e\ud800\r\nforged"


def test_hostile_names_in_a_run_are_shown_and_do_nothing(tmp_path: Path):
    names = [HOSTILE, "b"]
    write(
        tmp_path / "runs" / "[bold]it",
        WHOLE
        | {
            "recipe": HOSTILE,
            "preset": HOSTILE,
            "data": {"name": HOSTILE, "sha256": "0"},
            "class_names": names,
            "numbers": {HOSTILE: HOSTILE, "seed": 1},
            "measures": {HOSTILE: MEASURE | {"unit": HOSTILE}},
            "details": WHOLE["details"] | {"class_names": names, "notes": [HOSTILE]},
        },
    )
    write(tmp_path / "runs" / "good", WHOLE)
    for command in (["runs"], ["runs", "[bold]it", "good"], ["runs", "[bold]it", "--html", "p.html"],
                    ["evaluate", "[bold]it"]):  # fmt: skip
        result = torchcamp(*command, cwd=tmp_path)
        assert result.returncode == (2 if command[0] == "evaluate" else 0), result.stderr
        assert not {"\x1b", "\x07", "\u202e", "\ud800"} & set(result.stdout + result.stderr)
    assert "runs/[bold]it" in torchcamp("runs", cwd=tmp_path).stdout
    assert "\x1b" not in (tmp_path / "p.html").read_text()
