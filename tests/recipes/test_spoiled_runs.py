"""Runs whose run.json is right and whose other files were spoiled: one sentence each, and the runs
beside them still work."""

import json
import math
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

import torchcamp as api
from tests.cli.program import one_line, torchcamp
from torchcamp.base.errors import UserError
from torchcamp.course import networks
from torchcamp.figures.live_training import IN_LESSON, TrainingInPage
from torchcamp.recipes.trained import WEIGHTS, card

Spoil = Callable[[Path], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`runs/` with a tiny MLP that a lesson has trained, and the VAE that ships, as runs."""
    folder = tmp_path_factory.mktemp("made")
    args = ("--data", "digits", "--epochs", "1", "--set", "batch_size=512", "--device", "cpu")
    result = torchcamp("train", "mlp", *args, "--out", "runs", cwd=folder)
    assert result.returncode == 0, result.stderr
    (run,) = (folder / "runs").iterdir()
    mlp, vae = run.rename(folder / "runs" / "mlp"), folder / "runs" / "vae"
    description = json.loads((mlp / "run.json").read_text())
    (mlp / "run.json").write_text(json.dumps(description | {"command": ["torchcamp", IN_LESSON]}))
    vae.mkdir()
    shutil.copy(WEIGHTS / "vae.safetensors", vae / "weights.safetensors")
    shipped = {key: value for key, value in card("vae").items() if key in description}
    (vae / "run.json").write_text(json.dumps(description | shipped | {"command": []}))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of `made`, each run also as `bad-`, to be spoiled."""
    for run in (made / "runs").iterdir():
        shutil.copytree(run, tmp_path / "runs" / run.name)
        shutil.copytree(run, tmp_path / "runs" / f"bad-{run.name}")
    pixels = np.random.default_rng(0).integers(0, 255, (28, 28)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return tmp_path


def content(file: str, change: Callable[[bytes], bytes]) -> Spoil:
    return lambda run: (run / file).write_bytes(change((run / file).read_bytes()))


def folder_instead_of(file: str) -> Spoil:
    return lambda run: ((run / file).unlink(), (run / file).mkdir())


def pipe_instead_of(file: str) -> Spoil:
    return lambda run: ((run / file).unlink(), os.mkfifo(run / file))


def device_instead_of(file: str) -> Spoil:
    return lambda run: ((run / file).unlink(), (run / file).symlink_to("/dev/zero"))


def weights(change: Callable[[dict[str, Tensor]], Mapping[str, Tensor]]) -> Spoil:
    file = "weights.safetensors"
    return lambda run: save_file(dict(change(load_file(run / file))), run / file)


def each(change: Callable[[Tensor], Tensor]) -> Callable[[Any], Any]:
    """Change every tensor in nested dicts, lists and tuples."""

    def changed(value: Any) -> Any:
        if isinstance(value, Tensor):
            return change(value)
        if isinstance(value, dict):
            return {key: changed(inner) for key, inner in value.items()}
        return type(value)(map(changed, value)) if isinstance(value, list | tuple) else value

    return changed


def checkpoint(**entries: Any) -> Spoil:
    """Replace entries, or what a function makes of them."""

    def spoil(run: Path) -> None:
        found = torch.load(run / "checkpoint.pt", weights_only=True)
        new = {k: v(found[k]) if callable(v) else v for k, v in entries.items()}
        torch.save(found | new, run / "checkpoint.pt")

    return spoil


def row(**values: Any) -> Spoil:
    """Change the first row."""

    def changed(text: bytes) -> bytes:
        first, rest = text.split(b"\n", 1)
        return json.dumps(json.loads(first) | values).encode() + b"\n" + rest

    return content("metrics.jsonl", changed)


def a_line_before(line: bytes) -> Spoil:
    return content("metrics.jsonl", lambda text: line + b"\n" + text)


def as_not_finished(run: Path) -> None:
    """What a run.json says of a training that was stopped."""
    description = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(description | {"finished": None}))


WRONG_WEIGHTS = {
    "cut": content("weights.safetensors", lambda old: old[: len(old) // 2]),
    "empty": content("weights.safetensors", lambda old: b""),
    "junk": content("weights.safetensors", lambda old: b"\xff" * 500),
    "a folder": folder_instead_of("weights.safetensors"),
    "a pipe": pipe_instead_of("weights.safetensors"),
    "a device": device_instead_of("weights.safetensors"),
    "other names": weights(lambda old: {f"x.{name}": value for name, value in old.items()}),
    "other shapes": weights(lambda old: {name: torch.zeros(3) for name in old}),
    "nothing": weights(lambda old: {}),
    "nan": weights(each(lambda value: value * math.nan)),
    "whole numbers": weights(each(lambda value: value.to(torch.int64))),
    "complex": weights(each(lambda value: value.to(torch.complex64))),
}
WRONG_ROWS = {
    "not json": a_line_before(b"hello"),
    "a list": a_line_before(b"[1, 2]"),
    "not utf-8": a_line_before(b"\xff\xfe\x00"),
    "deep": a_line_before(b"[" * 100_000),
    "a folder": folder_instead_of("metrics.jsonl"),
    "a pipe": pipe_instead_of("metrics.jsonl"),
    "a device": device_instead_of("metrics.jsonl"),
    "no step": row(step=None),
    "step nan": row(step=math.nan),
    "step inf": row(step=math.inf),
    "step below 0": row(step=-5),
    "step without end": row(step=10**400),
    "epoch nan": row(epoch=math.nan),
    "loss of words": row(loss="low"),
    "loss without end": row(loss=10**400),
}
WRONG_CHECKPOINTS = {
    "cut": content("checkpoint.pt", lambda old: old[: len(old) // 2]),
    "empty": content("checkpoint.pt", lambda old: b""),
    "a list": lambda run: torch.save([1, 2], run / "checkpoint.pt"),
    "a folder": folder_instead_of("checkpoint.pt"),
    "a pipe": pipe_instead_of("checkpoint.pt"),
    "a device": device_instead_of("checkpoint.pt"),
    "no random state": checkpoint(random=None),
    "random state of nothing": checkpoint(random={}),
    "random state cut": checkpoint(random=each(lambda value: value[:5])),
    "no state": checkpoint(state={}),
    "more state": checkpoint(state=lambda state: state | {"more": torch.zeros(1)}),
    "state of words": checkpoint(state=lambda state: dict.fromkeys(state, "x")),
    "other shapes": checkpoint(state=each(lambda value: torch.zeros(2, 7))),
    "whole numbers": checkpoint(state=each(lambda value: value.to(torch.int8))),
    "sums of words": checkpoint(sums={"loss": "x"}),
    "sums of many": checkpoint(sums={"loss": torch.zeros(4)}, num_summed=3),
    "too many steps": checkpoint(step=10**9),
}


def refused(folder: Path, *args: str) -> str:
    result = torchcamp(*args, cwd=folder)
    assert result.returncode == 2, (args, result.stdout, result.stderr)
    return one_line(result)


@pytest.mark.parametrize("spoil", WRONG_WEIGHTS.values(), ids=WRONG_WEIGHTS)
def test_spoiled_weights(folder: Path, spoil: Spoil, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    for name in ("bad-mlp", "bad-vae"):
        spoil(folder / "runs" / name)
        with pytest.raises(UserError, match=name) as caught:
            api.load(name)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["cut", "nan"])
def test_every_command_refuses_spoiled_weights(folder: Path, name: str):
    for run in ("bad-mlp", "bad-vae"):
        WRONG_WEIGHTS[name](folder / "runs" / run)
    for args in (
        ("evaluate", "bad-mlp", "--fresh"),
        ("predict", "bad-mlp", "picture.png"),
        ("export", "bad-mlp", "--format", "safetensors", "-o", "x.safetensors"),
        ("sample", "bad-vae", "-n", "2"),
        ("compare", "bad-vae", "vae", "--fresh"),
    ):
        assert "bad-" in refused(folder, *args)
    listed = torchcamp("runs", "--json", cwd=folder)
    assert {Path(run["run"]).name for run in json.loads(listed.stdout)} >= {"mlp", "vae"}
    assert torchcamp("predict", "mlp", "picture.png", cwd=folder).returncode == 0


@pytest.mark.parametrize("spoil", WRONG_ROWS.values(), ids=WRONG_ROWS)
def test_spoiled_rows(folder: Path, spoil: Spoil, monkeypatch: pytest.MonkeyPatch):
    bad = folder / "runs" / "bad-mlp"
    spoil(bad)
    assert "bad-mlp/metrics.jsonl" in refused(folder, "runs", "mlp", "bad-mlp", "--html", "p.html")
    alone = torchcamp("runs", "mlp", "--html", "p.html", cwd=folder)
    assert alone.returncode == 0, alone.stderr
    as_not_finished(bad)
    before = sorted(path.name for path in bad.iterdir())
    assert "bad-mlp/metrics.jsonl" in refused(folder, "train", "--resume", "runs/bad-mlp")
    assert sorted(path.name for path in bad.iterdir()) == before
    # In lessons the newest run is shown: its curves, and whether it has learned anything.
    shutil.rmtree(folder / "runs" / "mlp")
    description = json.loads((bad / "run.json").read_text())
    del description["measures"], description["summary"], description["details"]
    (bad / "run.json").write_text(json.dumps(description))
    figure = TrainingInPage("mlp", data="digits", epochs=1, out=folder / "runs", rate=0.1)
    assert "metrics.jsonl" in figure.widget.words
    monkeypatch.setattr(networks, "workspace", lambda: folder)
    _, caption = networks.own("mlp")
    assert "your bad-mlp could not be loaded" in caption


@pytest.mark.parametrize("spoil", WRONG_CHECKPOINTS.values(), ids=WRONG_CHECKPOINTS)
def test_spoiled_checkpoints(folder: Path, spoil: Spoil):
    bad = folder / "runs" / "bad-mlp"
    as_not_finished(bad)
    spoil(bad)
    assert "bad-mlp" in refused(folder, "train", "--resume", "runs/bad-mlp")


def test_code_that_is_not_text(folder: Path):
    """The copy of a recipe that came from a file."""
    bad = folder / "runs" / "bad-mlp"
    as_not_finished(bad)
    (bad / "source").mkdir()
    (bad / "source" / "mine.py").write_bytes(b"# caf\xe9\n")
    assert "mine.py is not UTF-8 text" in refused(folder, "train", "--resume", "runs/bad-mlp")


def test_measures_that_are_nan_are_left_out_of_the_curves(folder: Path):
    """A recipe of one's own may have such a measure: the page shows the others."""
    row(loss=math.nan, own=math.nan)(folder / "runs" / "bad-mlp")
    result = torchcamp("runs", "mlp", "bad-mlp", "--html", "p.html", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert "nan" not in (folder / "p.html").read_text().partition("<main")[2].partition("<table")[0]
