"""The models that ship: their cards say what can be measured again."""

import importlib.util
import json
import math
import shlex
from pathlib import Path
from types import ModuleType

import pytest

from torchcamp.base.paths import WEIGHTS
from torchcamp.evaluation.evaluation import Evaluation, Measure
from torchcamp.evaluation.reference_networks import measures_key
from torchcamp.recipes.measures import measured, measured_part
from torchcamp.recipes.registry import NAMES, find_recipe
from torchcamp.recipes.train import Request, train
from torchcamp.recipes.trained import card, load_trained, shipped_names
from torchcamp.training.run_folder import RunFolder

ROOT = Path(__file__).parents[2]


def test_all_families_of_the_lecture_ship_and_they_are_small():
    assert set(shipped_names()) == set(NAMES) - {"resnet"}  # trained on photographs of one's own
    assert {p.stem for p in WEIGHTS.glob("*.safetensors")} == set(shipped_names())
    assert sum(path.stat().st_size for path in WEIGHTS.rglob("*.*")) < 12e6


@pytest.mark.parametrize("name", shipped_names())
def test_the_card_is_complete(name: str):
    described = card(name)
    for key in (
        "command", "recipe", "preset", "numbers", "data", "measures", "versions", "part",
    ):  # fmt: skip
        assert described[key], key
    assert described["command"].startswith(f"torchcamp train {described['recipe']}")
    assert str(described["numbers"]["seed"]) in described["command"].split()
    assert described["data"]["name"] == "mnist"
    key = measures_key(WEIGHTS / f"{name}.safetensors", described["data"]["sha256"])
    assert described["measures_key"] == key
    for measure in described["measures"].values():
        assert measure.keys() == {"value", "error", "floor", "ceiling", "unit", "num_samples"}


def same_or_within_its_spread(old: Measure, new: Measure) -> bool:
    """Here the numbers repeat; on another processor chains of bits part from each other, and an
    image on the fence falls to the other side, so that a measure moves within its error."""
    error = math.hypot(old.error or 0.0, new.error or 0.0)
    allowed = max(4 * error, 2.5 / old.num_samples, 1e-4)
    return abs(old.value - new.value) <= allowed


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in ("rbm", "vae")))
        for name in shipped_names()
    ],
)
def test_a_part_of_the_measures_is_true(name: str, mnist_root: Path):
    again = measured_part(load_trained(name))
    known = card(name)["part"]
    # The two came later; a card's follow from its confusion matrix, which its part does not have.
    assert again.keys() - {"balanced_accuracy", "macro_f1"} == known.keys()
    for key, values in known.items():
        measure = Measure(**values)
        assert same_or_within_its_spread(measure, again[key]), (key, measure, again[key])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", shipped_names())
def test_the_measures_are_true(name: str, mnist_root: Path):
    again = measured(load_trained(name), fresh=True).measures
    known = Evaluation.from_json({**card(name), "data": "mnist"}).measures
    assert again.keys() == known.keys()
    for key, measure in known.items():
        assert same_or_within_its_spread(measure, again[key]), (key, measure, again[key])


MUSTS = {  # model -> measure -> the worst that may ship
    "cnn": {"accuracy": 0.992},
    "mlp": {"accuracy": 0.986},
    "hmm": {"nats": -112.0},
    "rbm": {"nats": -89.0},
    "vae": {"nats": -87.0},
    "rnn": {"nats": -93.0},
    "gan": {"frechet_ratio": -5.0, "coverage": 0.9},
    "cgan": {"frechet_ratio": -4.0, "coverage": 0.85, "label_agreement": 0.99},
}


@pytest.mark.parametrize("name", shipped_names())
def test_what_ships_is_good(name: str):
    """Negative bounds are those of measures that should be small."""
    measures = card(name)["measures"]
    for key, bound in MUSTS[name].items():
        value = measures[key]["value"]
        assert (value >= bound) if bound >= 0 else (value <= -bound), (key, value)


@pytest.mark.slow
def test_one_epoch_of_the_cnn_reads_99_percent(mnist_root: Path, tmp_path: Path):
    request = Request("cnn", preset="fast", data="mnist", seed=0, device="cpu", out=tmp_path)
    outcome = train(request)
    assert outcome.measures["test_accuracy"] >= 0.99


def test_models_of_bits_say_so():
    kinds = {name: card(name)["details"].get("binarisation") for name in shipped_names()}
    assert kinds == {
        "cnn": None, "mlp": None, "gan": None, "cgan": None,
        "hmm": "static", "rbm": "static", "rnn": "static", "vae": "dynamic",
    }  # fmt: skip


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def remake() -> ModuleType:
    return script("remake_weights")


def test_a_run_ships_if_a_preset_reproduces_it(tmp_path: Path):
    command_of = script("ship_weights").command_of
    shown = train(
        Request(
            "gan", preset="lecture", data="digits", seed=3, epochs=1, device="cpu", out=tmp_path
        )
    )
    description = RunFolder(shown.run).description()
    with pytest.raises(SystemExit, match="not trained with its preset's settings"):
        command_of(description)  # the preset has more epochs
    description["numbers"]["epochs"] = find_recipe("gan", "lecture").epochs
    assert shlex.join(command_of(description)) == (
        "torchcamp train gan --preset lecture --data digits --seed 3 --device cpu"
    )


def test_remade_weights_agree_within_their_spread(remake: ModuleType):
    old = {"a": {"value": 1.0, "error": 0.01}, "b": {"value": 0.5, "error": None}}
    near = json.loads(json.dumps(old))
    near["a"]["value"] = 1.05
    assert remake.disagreements(old, near) == []
    near["a"]["value"], near["b"]["value"] = 1.1, 0.51
    assert [line.split(":")[0] for line in remake.disagreements(old, near)] == ["a", "b"]
    assert remake.disagreements(old, near, {"a": 0.2, "b": 0.2}) == []
