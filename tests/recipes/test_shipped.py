"""The models that ship: their cards say what can be measured again."""

from pathlib import Path

import pytest

from torchcamp.data.images import load_images
from torchcamp.recipes.trained import WEIGHTS, card, load_trained, shipped_names


def test_something_ships_and_it_is_small():
    assert "cnn" in shipped_names()
    assert {p.stem for p in WEIGHTS.glob("*.safetensors")} == set(shipped_names())
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 12e6


@pytest.mark.parametrize("name", shipped_names())
def test_the_card_is_complete(name: str):
    described = card(name)
    for key in ("command", "recipe", "preset", "numbers", "data", "measures", "versions"):
        assert described[key], key
    assert described["command"].startswith(f"torchcamp train {described['recipe']}")
    assert str(described["numbers"]["seed"]) in described["command"].split()


@pytest.mark.parametrize("name", shipped_names())
def test_the_measures_are_true(name: str, mnist_root: Path):
    described, trained = card(name), load_trained(name)
    images = load_images(described["data"]["name"])
    assert images.sha256 == described["data"]["sha256"]
    again = trained.recipe.evaluate(trained.network, images).measures
    assert again.keys() == described["measures"].keys()
    for key, measure in described["measures"].items():
        # Another processor's convolutions may turn an image that lies on the fence.
        close = 2.5 / measure["num_samples"] if "accuracy" in key else 1e-4
        assert again[key]["value"] == pytest.approx(measure["value"], abs=close), key


def test_the_shipped_cnn_is_good():
    assert card("cnn")["measures"]["accuracy"]["value"] >= 0.992
