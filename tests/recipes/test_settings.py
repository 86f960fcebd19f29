"""`--set`, presets, and hyperparameters that go to JSON and back."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from torchcamp.base.errors import RecipeError
from torchcamp.data.images import load_images
from torchcamp.models.cnn import CNNConfig
from torchcamp.recipes import cnn
from torchcamp.recipes.recipe import ImageGenerator, TextGenerator
from torchcamp.recipes.registry import NAMES, find_recipe, presets
from torchcamp.recipes.settings import (
    ALIASES,
    field_names,
    hyperparameters,
    with_hyperparameters,
    with_settings,
)


def test_every_recipe_has_a_default():
    assert len(NAMES) >= 2
    for name in NAMES:
        assert next(iter(presets(name))) == "default"
        for preset in presets(name):
            recipe = find_recipe(name, preset)
            written = json.loads(json.dumps(hyperparameters(recipe)))
            assert with_hyperparameters(recipe, written) == recipe


def test_settings_reach_the_recipe_and_its_model():
    recipe = with_settings(
        cnn.default(),
        ["lr=0.5", "hold_out=true", "channels=1,2,3", "model.convs_per_stage=2", "data=digits"],
    )
    assert (recipe.lr, recipe.hold_out, recipe.data) == (0.5, True, "digits")
    assert recipe.model == CNNConfig(channels=(1, 2, 3), convs_per_stage=2)


@dataclass(frozen=True, kw_only=True)
class Layers:
    width: int = 3
    depth: int = 1


@dataclass(frozen=True, kw_only=True)
class Widths:
    """A recipe that shares a field's name with its model's config."""

    model: Layers = Layers()
    width: int = 30


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("width=7", Widths(width=7)),
        ("model.width=7", Widths(model=Layers(width=7))),
        ("depth=7", Widths(model=Layers(depth=7))),
        ("model.depth=7", Widths(model=Layers(depth=7))),
    ],
)
def test_the_prefix_tells_the_models_field_from_the_recipes(setting: str, expected: Widths):
    assert with_settings(Widths(), [setting]) == expected


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"lr": "fast"}, "lr takes float, not 'fast'"),
        ({"epochs": 2.5}, r"epochs takes int, not 2\.5"),
        ({"model": {"convs_per_stage": "two"}}, "convs_per_stage takes int, not 'two'"),
        ({"lrr": 1.0}, "has no setting 'lrr'"),
    ],
)
def test_a_file_with_other_types_or_names_is_refused(values: dict[str, object], words: str):
    with pytest.raises(RecipeError, match=words):
        with_hyperparameters(cnn.default(), values)


def test_a_later_setting_wins():
    assert with_settings(Widths(), ["width=7", "width=8"]) == Widths(width=8)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("lr", "takes KEY=VALUE, such as lr=0.01, not 'lr'"),
        ("lrr=1", "Did you mean 'lr'"),
        ("learning_rate=1", r"unknown setting 'learning_rate'\. Did you mean 'lr'\?"),
        ("foo=1", r"unknown setting 'foo'\. Settings: data, seed"),
        ("chanels=1,2,3", "Did you mean 'channels'"),
        ("epochs=many", "epochs takes a whole number, not 'many'"),
        ("lr=fast", "lr takes a number"),
        ("hold_out=perhaps", "takes true or false"),
        ("channels=1,2", "takes 3 values separated by commas, not '1,2'"),
        ("epochs=0", "at least 1"),
        ("channels=0,1,2", "three positive numbers"),
        ("model=3", "unknown setting 'model'"),
    ],
)
def test_what_is_refused(setting: str, words: str):
    with pytest.raises(RecipeError, match=words):
        with_settings(cnn.default(), [setting])


def test_every_alias_stands_for_a_setting_of_some_recipe():
    known: set[str] = set()
    for name in NAMES:
        for preset in presets(name):
            recipe = find_recipe(name, preset)
            known |= {*field_names(recipe), *field_names(getattr(recipe, "model"))}  # noqa: B009
    assert {"lr", "hidden_dims", "num_states"} <= known
    assert set(ALIASES.values()) <= known


@pytest.mark.parametrize(
    ("name", "preset", "words"),
    [
        ("cmn", None, r"unknown recipe 'cmn'\. Did you mean 'cnn'"),
        ("xyz", None, "Recipes: mlp, cnn, resnet, hmm, rbm, vae, rnn, gan, cgan"),
        ("cnn", "bset", "Did you mean 'best'"),
        ("nowhere.py:default", None, "nowhere.py does not exist"),
        ("nowhere.py", None, "name the function"),
    ],
)
def test_unknown_names(name: str, preset: str | None, words: str):
    with pytest.raises(RecipeError, match=words):
        find_recipe(name, preset)


def test_a_file_of_ones_own(tmp_path: Path):
    (tmp_path / "numbers_of_mine.py").write_text("RATE = 0.25\n")
    (tmp_path / "mine.py").write_text(
        "from dataclasses import replace\n"
        "from numbers_of_mine import RATE\n"
        "from torchcamp.recipes import cnn\n"
        "def small():\n    return replace(cnn.default(), lr=RATE)\n"
        "def wrong():\n    return 3\n"
        "def broken():\n    return 1 / 0\n"
    )
    recipe = find_recipe(f"{tmp_path}/mine.py:small")
    assert hyperparameters(recipe)["lr"] == 0.25
    with pytest.raises(RecipeError, match="returned a int, which is not a recipe"):
        find_recipe(f"{tmp_path}/mine.py:wrong")
    with pytest.raises(RecipeError, match="ZeroDivisionError"):
        find_recipe(f"{tmp_path}/mine.py:broken")
    with pytest.raises(RecipeError, match="Did you mean 'small'"):
        find_recipe(f"{tmp_path}/mine.py:smal")
    (tmp_path / "mine.py").write_text("def small(:\n")
    with pytest.raises(RecipeError, match="SyntaxError"):
        find_recipe(f"{tmp_path}/mine.py:small")


def test_a_recipe_written_when_for_data_was_called_fitted_still_works(tmp_path: Path):
    (tmp_path / "old.py").write_text(
        "from dataclasses import dataclass, replace\n"
        "from torchcamp.recipes.images import ImageRecipe\n"
        "@dataclass(frozen=True, kw_only=True)\n"
        "class Old(ImageRecipe):\n"
        "    num_classes: int = 2\n"
        "    def fitted(self, data):\n"
        "        return replace(self, data=data.name, num_classes=data.num_classes)\n"
        "    def network(self): ...\n"
        "    def build(self, device, data=None): ...\n"
        "    def evaluate(self, network, data): ...\n"
        "class New(Old):\n"
        "    def for_data(self, data):\n"
        "        return replace(self, data='new')\n"
        "def default():\n    return Old()\n"
        "def renamed():\n    return New()\n"
    )
    digits = load_images("digits")
    old = hyperparameters(find_recipe(f"{tmp_path}/old.py:default").for_data(digits))
    assert (old["data"], old["num_classes"]) == ("digits", 10)
    new = hyperparameters(find_recipe(f"{tmp_path}/old.py:renamed").for_data(digits))
    assert (new["data"], new["num_classes"]) == ("new", 2)


def test_recipes_say_what_they_generate():
    kinds = {
        name: (isinstance(recipe, ImageGenerator), isinstance(recipe, TextGenerator))
        for name in NAMES
        for recipe in [find_recipe(name)]
    }
    images, neither = (True, False), (False, False)
    assert kinds == {
        "mlp": neither, "cnn": neither, "resnet": neither, "hmm": images, "rbm": images, "vae": images,
        "rnn": images, "gan": images, "cgan": images,
    }  # fmt: skip
    for name, preset in (("rnn", "text"), ("hmm", "dice")):
        recipe = find_recipe(name, preset)
        assert isinstance(recipe, TextGenerator)
        assert not isinstance(recipe, ImageGenerator)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("gan", ["mapping_dim=256", "compares=true", "penalty_weight=0.1"]),
        ("rnn", ["hidden_size=384", "epochs=40", "pixels=dynamic"]),
        ("vae", ["epochs=400"]),
        ("cgan", ["epochs=40", "penalty_weight=0.2", "average_decay=0.9995"]),
    ],
)
def test_best_is_what_docs_benchmarks_measured(name: str, chosen: list[str]):
    assert find_recipe(name, "best") == with_settings(find_recipe(name), chosen)
