"""Every recipe trains, stops, resumes bit for bit, is measured and sampled; all on small data."""

import functools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.conftest import write_set
from torchcamp.base.errors import RecipeError, RunError
from torchcamp.data.images import load_images
from torchcamp.evaluation.reference_networks import measures_key
from torchcamp.recipes.measures import measured
from torchcamp.recipes.recipe import ImageGenerator, TextGenerator
from torchcamp.recipes.registry import NAMES, find_recipe, preset_for, presets
from torchcamp.recipes.train import Outcome, Reports, Request, resume, train
from torchcamp.recipes.trained import load_trained
from torchcamp.training.run_folder import RunFolder

# recipe and data -> settings that make a training a matter of a second
SMALL = {
    ("mlp", "digits"): ["hidden_dims=16"],
    ("cnn", "digits"): ["channels=4,6,8"],
    ("hmm", "digits"): ["num_states=6", "batch_size=300"],
    ("hmm", "dice"): [],
    ("rbm", "digits"): ["num_hidden=12", "num_temperatures=60", "num_sample_steps=20"],
    ("vae", "digits"): ["hidden_dim=24", "latent_dim=4"],
    ("rnn", "digits"): ["hidden_size=12", "row_units=4"],
    ("rnn", "text:small.txt"): ["hidden_size=12", "embedding_dim=6", "window=32"],
    ("gan", "digits"): ["channels=4", "latent_dim=8"],
    ("cgan", "digits"): ["channels=4", "latent_dim=8"],
}
LONG = ("cgan", "digits")  # its step is the GAN's
CASES = [
    pytest.param(
        *case,
        id=f"{case[0]}-{case[1].split(':')[0]}",
        marks=[pytest.mark.slow] * (case == LONG),
    )
    for case in SMALL
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.txt").write_text("the cat sat on the mat and the dog sat on the log. " * 250)


def begin(name: str, data: str, settings: list[str], out: str, stop_after: int = 0) -> Outcome:
    """Train for two epochs; with `stop_after`, stop after that many steps."""
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == stop_after

    return train(
        Request(
            name,
            settings=settings,
            data=data,
            epochs=2,
            seed=3,
            device="cpu",
            out=Path(out),
            log_every=2,
        ),
        Reports(should_stop=should_stop),
    )


def record(run: Path) -> dict[str, Any]:
    """Everything that a resumed run must have in common with an uninterrupted one."""
    description = RunFolder.open(run).description()
    return {
        "rows": (run / "metrics.jsonl").read_text(),
        "weights": (run / "weights.safetensors").read_bytes(),
        "samples": {path.name: path.read_bytes() for path in sorted(run.glob("samples/*"))},
        "measures": json.dumps(description["measures"]),
        "files": sorted(path.name for path in run.iterdir()),
    }


def assert_resumes(name: str, data: str, settings: list[str]) -> Path:
    whole = begin(name, data, settings, "whole")
    assert whole.finished
    num_steps = int(
        (whole.run / "metrics.jsonl")
        .read_text()
        .splitlines()[-1]
        .split('"step": ')[1]
        .split(",")[0]
    )
    for step in {1, num_steps // 2, num_steps - 1} - {0}:
        part = begin(name, data, settings, f"part{step}", stop_after=step)
        if not part.finished:
            assert resume(part.run).finished
        assert record(part.run) == record(whole.run), step
    return whole.run


@pytest.mark.parametrize(("name", "data"), CASES)
def test_a_small_one_trains_and_resumes_bit_for_bit(name: str, data: str):
    run = assert_resumes(name, data, SMALL[name, data])
    page = (run / "report.html").read_text()
    assert "http" not in page.replace("http://www.w3.org", "")
    trained = load_trained(str(run))
    description = trained.description
    assert description["measures_key"] == measures_key(
        trained.weights, description["data"]["sha256"]
    )
    for measure in description["measures"].values():
        assert math.isfinite(measure["value"])
    recipe = trained.recipe
    rng = functools.partial(torch.Generator().manual_seed, 5)
    if isinstance(recipe, TextGenerator):
        text = recipe.write(trained.network, 40, rng())
        assert text == recipe.write(trained.network, 40, rng())
        assert len(text) >= 40
    elif isinstance(recipe, ImageGenerator):
        images, labels = recipe.draw(trained.network, 7, rng())
        assert images.shape == (7, 1, 28, 28)
        assert torch.equal(images, recipe.draw(trained.network, 7, rng())[0])
        assert images.min() >= 0
        assert images.max() <= 1
        if description["details"]["binarisation"]:
            assert set(images.unique().tolist()) <= {0.0, 1.0}
        assert (labels is not None) == (name == "cgan")
        assert len(list(run.glob("samples/*.png"))) == 2
        assert "data:image/gif" in page  # the film


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", NAMES)
def test_the_default_trains_on_digits_and_resumes_bit_for_bit(name: str):
    assert_resumes(name, "digits", [])


# --- What one would call quality, on data that take seconds ------------------------------


def last_row(run: Path, key: str) -> float:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row[key] for row in rows if key in row][-1]


@pytest.mark.slow
def test_the_casinos_dice_are_found():
    outcome = train(Request("hmm", data="dice", seed=1, device="cpu", out=Path("runs")))
    trained = load_trained(str(outcome.run))
    network: Any = trained.network
    loaded = int(network.emission[:, 5].argmax())
    assert network.emission[loaded, 5].item() == pytest.approx(0.5, abs=0.06)
    assert network.emission[1 - loaded].max().item() < 0.22
    assert network.transition[loaded, loaded].item() == pytest.approx(0.9, abs=0.05)
    assert network.transition[1 - loaded, 1 - loaded].item() == pytest.approx(0.95, abs=0.05)
    measure = trained.description["measures"]["nats"]
    assert measure["value"] < measure["floor"] - 0.01


def independent_pixels() -> float:
    """The nats that one gets by knowing how often each pixel is white."""
    bits = load_images("digits").binarised()
    train_bits, test_bits = (
        (images > 127).float().flatten(1) for images in (bits.train_images, bits.test_images)
    )
    probs = (train_bits.sum(0) + 1) / (len(train_bits) + 2)
    return -(test_bits * probs.log() + (1 - test_bits) * (1 - probs).log()).sum(1).mean().item()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("hmm", ["num_states=32", "batch_size=200"]),
        ("vae", ["hidden_dim=100", "batch_size=32", "average_decay=0.9"]),
        pytest.param(
            "rnn", ["hidden_size=64", "batch_size=16", "lr=0.005"], marks=pytest.mark.slow
        ),
        pytest.param(
            "rbm",
            ["num_hidden=60", "batch_size=20", "num_temperatures=300", "lr=0.1"],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_likelihood_is_better_than_that_of_independent_pixels(name: str, settings: list[str]):
    outcome = train(
        Request(
            recipe=name, settings=settings, data="digits", epochs=10, device="cpu", out=Path("runs")
        )
    )
    nats = RunFolder.open(outcome.run).description()["measures"]["nats"]
    assert nats["value"] < independent_pixels() - 5 * nats["error"]


# --- Presets, data and what is refused ---------------------------------------------------


def test_data_of_another_kind_bring_their_own_preset():
    assert preset_for(presets("rnn"), "text:FILE.txt") == "text"
    assert preset_for(presets("hmm"), "dice") == "dice"
    assert preset_for(presets("rnn"), "mnist") == "default"
    assert preset_for(presets("rnn"), None) == "default"


def test_a_conditional_model_is_not_judged_on_other_classes(idx_folder: Path):
    outcome = begin("cgan", "digits", SMALL["cgan", "digits"], "runs")
    trained = load_trained(str(outcome.run))
    three = load_images(f"idx:{idx_folder}")
    fewer = type(three)(**{**vars(three), "class_names": ("a", "b", "c")})
    with pytest.raises(RecipeError, match="knows 10 classes"):
        trained.recipe.evaluate(trained.network, fewer)


def test_the_lecture_pairs_train():
    for name in ("gan", "cgan"):
        outcome = train(
            Request(
                name,
                preset="lecture",
                data="digits",
                epochs=1,
                device="cpu",
                out=Path("runs"),
            )
        )
        assert outcome.finished
        assert last_row(outcome.run, "d_loss") > 0


def test_a_vae_of_grey_pixels_claims_no_likelihood():
    outcome = train(
        Request(
            recipe="vae", preset="examples", data="digits", epochs=1, device="cpu", out=Path("runs")
        )
    )
    description = RunFolder.open(outcome.run).description()
    assert "nats" not in description["measures"]
    assert description["details"]["binarisation"] is None


def test_collapse_is_said():
    recipe: Any = find_recipe("gan")
    # Nobody begins with digits.
    assert recipe.notice({"step": 900, "epoch": 1.0, "coverage": 0.0}) is None
    assert recipe.notice({"step": 199, "epoch": 10.0, "coverage": 0.0}) is None
    assert "collapsed" in recipe.notice({"step": 200, "epoch": 10.0, "coverage": 0.001})
    assert recipe.notice({"step": 900, "epoch": 10.0, "coverage": 0.5}) is None
    assert recipe.notice({"step": 900, "epoch": 10.0}) is None  # too few images to measure it


# --- Measures that are kept --------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return begin("vae", "digits", SMALL["vae", "digits"], "runs").run


def test_known_measures_are_not_taken_again(run: Path, monkeypatch: pytest.MonkeyPatch):
    trained = load_trained(str(run))
    known = measured(trained)
    assert known.as_json()["measures"] == trained.description["measures"]
    assert not (run / "measures.json").exists()
    fresh = measured(trained, fresh=True)
    assert fresh.measures == known.measures
    assert (run / "measures.json").exists()


def test_other_weights_are_measured_anew(run: Path):
    file = run / "weights.safetensors"
    weights = load_file(file)
    weights["to_logits.bias"] += 1
    from safetensors.torch import save_file

    save_file(weights, file)
    trained = load_trained(str(run))
    known = measured(trained)
    old = trained.description["measures"]["nats"]["value"]
    assert known.measures["nats"].value > old + 10


def test_another_data_set_is_kept_beside_the_weights(
    run: Path, idx_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    trained = load_trained(str(run))
    first = measured(trained, f"idx:{idx_folder}")
    assert first.data == f"idx:{idx_folder}"
    monkeypatch.delattr(type(trained.recipe), "evaluate")
    assert measured(trained, f"idx:{idx_folder}") == first


def test_what_is_kept_is_measured_anew_where_that_is_asked_for(run: Path, idx_folder: Path):
    trained, data = load_trained(str(run)), f"idx:{idx_folder}"
    first = measured(trained, data)
    file = run / "measures.json"
    kept = json.loads(file.read_text())
    (entry,) = kept.values()
    entry["measures"]["nats"]["value"] = 1.0
    file.write_text(json.dumps(kept))
    assert measured(trained, data).measures["nats"].value == 1.0
    assert measured(trained, data, fresh=True) == first


def test_the_key_of_measures_depends_on_the_weights_and_on_the_data(tmp_path: Path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"1")
    other.write_bytes(b"2")
    keys = {measures_key(file, data) for file in (one, other) for data in ("a", "b")}
    assert len(keys) == 4


def test_a_run_does_not_go_on_with_other_data(idx_folder: Path):
    outcome = begin("mlp", f"idx:{idx_folder}", ["hidden_dims=4", "batch_size=10"], "runs", 1)
    assert not outcome.finished
    write_set(idx_folder, {"train-labels-idx1": np.zeros(40)})
    with pytest.raises(RunError, match="not what this run began with"):
        resume(outcome.run)
