"""Every number of every recipe and of its model reaches the training, or a table says why not.

Each field is changed alone, and the training must come out otherwise: other rows or other weights.
What the tables except is checked too, so that no entry outlives its reason.
"""

import dataclasses
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.conftest import write_set
from torchcamp.base.errors import UserError
from torchcamp.data.images import Images, PictureOptions, load_images
from torchcamp.evaluation.log_partition import LogPartition
from torchcamp.models import rbm
from torchcamp.recipes import rbm as rbm_recipe
from torchcamp.recipes.registry import NAMES, find_recipe, presets
from torchcamp.recipes.settings import with_settings
from torchcamp.training.loop import Progress, Training, fit

CPU = torch.device("cpu")
NUM_TRAIN, NUM_TEST = 96, 40

# Preset -> settings that make it small and let each number show within two epochs of a few steps.
SMALL = {
    "mlp:default": ["hidden_dims=8"],
    "mlp:best": ["hidden_dims=8"],
    "cnn:default": ["channels=2,3,4"],
    "cnn:fast": ["channels=2,3,4"],
    "cnn:best": ["channels=2,3,4"],
    "resnet:default": ["channels=2,3,4,5", "blocks=1,1,1,1"],
    "resnet:fast": ["channels=2,3,4,5", "blocks=1,1,1,1"],
    "resnet:best": ["channels=2,3,4,5", "blocks=1,1,1,1"],
    "resnet:resnet18": ["channels=2,3,4,5", "blocks=1,1,1,1", "stem=4x4"],
    "resnet:resnet34": ["channels=2,3,4,5", "blocks=1,1,1,1", "stem=4x4"],
    "hmm:default": ["num_states=5", "least_rate=0.3"],
    "hmm:dice": [],
    "hmm:sequences": ["num_states=2"],
    "rbm:default": ["num_hidden=8", "num_chains=10"],
    "rbm:best": ["num_hidden=8", "num_chains=10"],
    "vae:default": ["hidden_dim=12", "latent_dim=3", "kl_warmup=0.6"],
    "vae:best": ["hidden_dim=12", "latent_dim=3", "kl_warmup=0.6"],
    "vae:examples": ["hidden_dim=12", "latent_dim=3"],
    "rnn:default": ["hidden_size=8", "row_units=2", "dropout=0.1", "max_norm=0.1"],
    "rnn:best": ["hidden_size=8", "row_units=2", "dropout=0.1", "max_norm=0.1"],
    "rnn:text": ["hidden_size=8", "embedding_dim=4", "window=16", "max_norm=0.1"],
    "gan:default": ["channels=2", "latent_dim=4"],
    "gan:best": ["channels=2", "latent_dim=4", "mapping_dim=5"],
    "gan:lecture": ["latent_dim=4"],
    "cgan:default": ["channels=2", "latent_dim=4"],
    "cgan:best": ["channels=2", "latent_dim=4"],
    "cgan:lecture": ["latent_dim=4"],
}
# The same recipe, network and steps as another of them, with other values: tried by `make test-all`.
ALIKE = {
    "mlp:best",
    "cnn:fast",
    "cnn:best",
    "rbm:best",
    "rnn:best",
    "vae:best",
    "cgan:best",
    "resnet:fast",
    "resnet:best",
    "resnet:resnet34",
}

MEASURED = "of the measures or samples: has a test of its own below"
FROM_DATA = "filled in from the data"
SHAPE = "the data have this shape; another one does not fit them"
PLAIN = "the fully connected pair has none"
# Fields of recipes on images -> why the training on a published set is the same without them.
OWN_PICTURES = dict.fromkeys(
    ("size", "colour", "background", "skip_unreadable", "class_folders"),
    "how one's own pictures are read: has a test of its own below",
)
BITS = {"size": "it reads bits", "colour": "it reads bits"}

SCORES = "of the scores, not of the training: tested with the model"
OF_MUON = {
    "bias_lr": "with Muon only", "head_lr": "with Muon only", "head_momentum": "with Muon only",
    "mirror": "the paper's network has one view",
}  # fmt: skip
# Preset -> field -> why the training is the same without it.
SILENT = {
    "mlp:default": {"num_classes": FROM_DATA, "num_pixels": FROM_DATA},
    "mlp:best": {"num_classes": FROM_DATA, "num_pixels": FROM_DATA},
    "cnn:default": {"num_classes": FROM_DATA, "image_shape": FROM_DATA},
    "cnn:fast": {"num_classes": FROM_DATA, "image_shape": FROM_DATA},
    "cnn:best": {"num_classes": FROM_DATA, "image_shape": FROM_DATA},
    "resnet:default": {"num_classes": FROM_DATA, "image_shape": FROM_DATA, "mirror": SCORES},
    "resnet:fast": {"num_classes": FROM_DATA, "image_shape": FROM_DATA, "mirror": SCORES},
    "resnet:best": {"num_classes": FROM_DATA, "image_shape": FROM_DATA, "mirror": SCORES},
    "resnet:resnet18": {"num_classes": FROM_DATA, "image_shape": FROM_DATA} | OF_MUON,
    "resnet:resnet34": {"num_classes": FROM_DATA, "image_shape": FROM_DATA} | OF_MUON,
    "hmm:dice": {"num_symbols": FROM_DATA, "bernoulli": FROM_DATA},
    "rbm:default": {"num_temperatures": MEASURED, "num_sample_steps": MEASURED},
    "rbm:best": {"num_temperatures": MEASURED, "num_sample_steps": MEASURED},
    "hmm:sequences": {"num_symbols": FROM_DATA, "bernoulli": FROM_DATA, "symbols": FROM_DATA},
    "rnn:text": {"num_symbols": FROM_DATA, "characters": FROM_DATA, "prompt": MEASURED},
    "vae:default": {"image_shape": FROM_DATA},
    "vae:best": {"image_shape": FROM_DATA},
    "vae:examples": {"image_shape": FROM_DATA},
    "gan:default": {"image_shape": FROM_DATA},
    "gan:best": {"image_shape": FROM_DATA},
    "gan:lecture": {"image_shape": FROM_DATA, "channels": PLAIN},
    "cgan:default": {"image_shape": FROM_DATA, "num_classes": FROM_DATA},
    "cgan:best": {"image_shape": FROM_DATA, "num_classes": FROM_DATA},
    "cgan:lecture": {"image_shape": FROM_DATA, "num_classes": FROM_DATA, "channels": PLAIN},
}
# Preset -> field -> why it cannot be changed alone.
REFUSED = {
    "hmm:default": {"num_symbols": SHAPE, "bernoulli": SHAPE} | BITS,
    "hmm:dice": {"data": "there is one such set only"},
    "hmm:sequences": {"encoding": "the file is UTF-8"},
    "rbm:default": {"num_visible": SHAPE} | BITS,
    "rbm:best": {"num_visible": SHAPE} | BITS,
    "gan:best": {"fully_connected": "the fully connected pair has no such layer"},
    "gan:lecture": {"mapping_dim": PLAIN, "compares": PLAIN},
    "rnn:default": {"num_rows": SHAPE, "row_length": SHAPE} | BITS,
    "rnn:best": {"num_rows": SHAPE, "row_length": SHAPE} | BITS,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Kind of recipe -> a small data set, and another one of the same form."""
    folder = tmp_path_factory.mktemp("data")
    digits = load_images("digits")
    for name, start in (("one", 0), ("other", NUM_TRAIN)):
        train, test = slice(start, start + NUM_TRAIN), slice(start, start + NUM_TEST)
        arrays: dict[str, np.ndarray] = {
            "train-images-idx3": digits.train_images[train, 0].numpy(),
            "train-labels-idx1": digits.train_labels[train].numpy(),
            "t10k-images-idx3": digits.test_images[test, 0].numpy(),
            "t10k-labels-idx1": digits.test_labels[test].numpy(),
        }
        write_set(folder / name, arrays)
        (folder / f"{name}.txt").write_text(f"the {name} cat sat on the mat. " * 500)
        days = np.random.default_rng(start).choice(["sun", "rain", "cloud"], (30, 20))
        (folder / f"{name}.csv").write_text("\n".join(map(",".join, days)))
    return {
        "images": (f"idx:{folder}/one", f"idx:{folder}/other"),
        "text": (f"text:{folder}/one.txt", f"text:{folder}/other.txt"),
        "dice": ("dice", "urn"),
        "sequences": (f"sequences:{folder}/one.csv", f"sequences:{folder}/other.csv"),
    }


def kind(preset: str) -> str:
    kinds = {"hmm:dice": "dice", "hmm:sequences": "sequences", "rnn:text": "text"}
    return kinds.get(preset, "images")


def small(preset: str, data: dict[str, tuple[str, str]]) -> Any:
    recipe = find_recipe(*preset.split(":"))
    batch = {"images": ["batch_size=32"], "text": ["batch_size=128"], "dice": [], "sequences": []}[
        kind(preset)
    ]
    settings = [f"data={data[kind(preset)][0]}", "epochs=2", *batch, *SMALL[preset]]
    return with_settings(recipe, settings)


def other(field: str, value: Any, other_data: str) -> Any:
    """Another value that the field may have."""
    match value:
        case str():
            by_field = {
                "data": other_data,
                "characters": "xyz",
                "size": "32",
                "colour": "rgb",
                "background": "black",
                "class_folders": "leaf",
                "freeze": "features",
                "encoding": "utf-16",
                "prompt": "cat",
            }
            known = {"dynamic": "static", "static": "dynamic", "grey": "dynamic"}
            known |= {
                "4x4": "3x3",
                "pool": "stride",
                "stride": "pool",
                "auto": "4x4" if field == "stem" else "static",
            }
            return by_field.get(field) or known[value]
        case tuple() if field == "symbols":
            return ("snow",)
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return 0.75 * value or 0.5
        case (1 | 3, height, width) if field == "image_shape":
            return (1, height + 4, width + 4)
        case tuple():
            return tuple(each + 1 for each in value)
    raise TypeError(f"{field}: no other value is known for {value!r}")


def changed(recipe: Any, other_data: str) -> Iterator[tuple[str, Any]]:
    """Each field of the recipe and of its model, and the function that changes it."""
    for field in dataclasses.fields(recipe):
        if field.name != "model":
            value = other(field.name, getattr(recipe, field.name), other_data)
            yield field.name, {field.name: value}
    for field in dataclasses.fields(recipe.model):
        value = other(field.name, getattr(recipe.model, field.name), other_data)
        yield field.name, {"model": {field.name: value}}


def with_change(recipe: Any, change: dict[str, Any]) -> Any:
    if "model" in change:
        return replace(recipe, model=replace(recipe.model, **change["model"]))
    return replace(recipe, **change)


def trained(recipe: Any) -> str:
    """Hash of all rows and of the weights in the end, of a training without its measures."""
    dataset = recipe.load()
    recipe = recipe.for_data(dataset)
    training: Training = recipe.build(CPU, dataset)
    training.evaluate = lambda: {"validation_loss": 1.0}  # what early stopping asks for
    training.sample, training.notice = None, lambda row: None
    digest = hashlib.sha256()

    def add(progress: Progress) -> None:
        digest.update(repr((progress.step, sorted(progress.values.items()))).encode())

    fit(training, num_epochs=recipe.epochs, device=CPU, log_every=1, on_progress=add)
    for value in training.network.state_dict().values():
        digest.update(value.contiguous().numpy().tobytes())
    return digest.hexdigest()


def test_every_preset_is_tried():
    assert set(SMALL) == {f"{name}:{preset}" for name in NAMES for preset in presets(name)}


@pytest.mark.parametrize(
    "preset",
    [pytest.param(each, marks=[pytest.mark.slow] * (each in ALIKE)) for each in SMALL],
)
def test_every_number_changes_the_training(preset: str, data: dict[str, tuple[str, str]]):
    recipe = small(preset, data)
    as_it_is = trained(recipe)
    assert trained(recipe) == as_it_is
    silent, refused = set(), set()
    for field, change in changed(recipe, data[kind(preset)][1]):
        try:
            if trained(with_change(recipe, change)) == as_it_is:
                silent.add(field)
        except (UserError, ValueError, RuntimeError) as error:
            refused.add(field)
            print(f"{field}: {error}")
    expected_refused = REFUSED.get(preset, {}).keys()
    own_pictures = OWN_PICTURES.keys() if kind(preset) == "images" else set()
    assert refused == expected_refused
    assert silent == SILENT.get(preset, {}).keys() | (own_pictures - expected_refused)


# --- What the tables leave to measures, samples and one's own pictures --------------------


@pytest.mark.parametrize("preset", [each for each in SMALL if kind(each) == "images"])
def test_a_recipe_says_how_ones_own_pictures_are_read(
    preset: str, data: dict[str, tuple[str, str]], monkeypatch: pytest.MonkeyPatch
):
    asked: list[PictureOptions] = []

    def load(name: str, report: object, options: PictureOptions) -> Images:
        asked.append(options)
        return load_images(name)

    monkeypatch.setattr("torchcamp.recipes.images.load_images", load)
    wanted: dict[str, Any] = {
        "background": "black",
        "skip_unreadable": True,
        "class_folders": "leaf",
    }
    if preset.split(":")[0] not in ("hmm", "rbm", "rnn"):
        wanted |= {"size": "48x64", "colour": "rgb"}
    replace(small(preset, data), **wanted).load()
    expected: dict[str, Any] = {"size": "28x28", "colour": "grey"} | wanted
    assert asked == [PictureOptions(**expected)]


def test_a_model_of_bits_refuses_another_size_and_colours():
    for setting in ("size=32", "colour=rgb"):
        with pytest.raises(UserError, match="reads bits: pictures in grey at 28x28"):
            with_settings(find_recipe("rbm"), [setting])


def test_samples_of_an_rbm_take_as_many_gibbs_steps_as_the_recipe_says(
    data: dict[str, tuple[str, str]],
):
    recipe = with_settings(small("rbm:default", data), ["num_sample_steps=7"])
    network: Any = recipe.network()
    images, _ = recipe.draw(network, 5, torch.Generator().manual_seed(0))
    expected = rbm.sample(network, 5, num_gibbs_steps=7, generator=torch.Generator().manual_seed(0))
    assert torch.equal(images.flatten(1), expected)


def test_an_rbm_is_annealed_over_as_many_temperatures_as_the_recipe_says(
    data: dict[str, tuple[str, str]], monkeypatch: pytest.MonkeyPatch
):
    seen, as_it_is = [], rbm_recipe.annealed_log_partition

    def annealed(*args: Any, num_temperatures: int, **others: Any) -> LogPartition:
        seen.append(num_temperatures)
        return as_it_is(*args, num_temperatures=20, **others)

    for name in ("annealed_log_partition", "reverse_annealed_log_partition"):
        monkeypatch.setattr(rbm_recipe, name, annealed)
    recipe = with_settings(small("rbm:default", data), ["num_temperatures=37"])
    recipe.evaluate(recipe.network(), recipe.load())
    assert seen == [37, 37]


def test_a_texts_samples_begin_with_the_recipes_prompt(data: dict[str, tuple[str, str]]):
    recipe = small("rnn:text", data)
    text = recipe.load()
    for prompt, expected in (("sat", "sat"), ("", "the ")):  # as most of its lines begin
        ready = replace(recipe, prompt=prompt).for_data(text)
        written = ready.write(ready.network(), 5, torch.Generator().manual_seed(0))
        assert written.startswith(expected)
        assert len(written) == len(expected) + 5


# --- Numbers that a schedule turns into values, step by step ------------------------------


def test_the_kl_of_a_vae_is_warmed_up(data: dict[str, tuple[str, str]]):
    """0.6 of six steps are four at the most: 1/4, 2/4, 3/4, then whole."""
    recipe = small("vae:default", data)
    training = recipe.build(CPU, recipe.load())
    weight, seen = training.state["kl_weight"].value, []
    step = training.step
    training.step = lambda batch: seen.append(weight.item()) or step(batch)
    training.evaluate, training.sample = dict, None
    fit(training, num_epochs=2, device=CPU)
    assert seen == pytest.approx([1 / 4, 2 / 4, 3 / 4, 1, 1, 1])


@pytest.mark.parametrize("preset", ["mlp:default", "cnn:default"])
def test_a_classifiers_label_smoothing_and_weight_decay_are_the_recipes(
    preset: str, data: dict[str, tuple[str, str]]
):
    """At first every class has a like share: with label smoothing 0.9 the loss is near log K."""
    recipe = with_settings(small(preset, data), ["label_smoothing=0.9", "weight_decay=0.07"])
    dataset = recipe.load()
    training = recipe.for_data(dataset).build(CPU, dataset)
    assert training.state["optimizer"].param_groups[0]["weight_decay"] == 0.07
    images, labels = next(iter(training.batches.epoch(0)))
    training.network.eval()
    with torch.no_grad():
        log_probs = training.network(images).log_softmax(dim=1)
    true = log_probs.gather(1, labels[:, None]).squeeze(1)
    expected = -(0.1 * true + 0.9 * log_probs.mean(dim=1)).mean().item()
    assert training.step((images, labels))["loss"].item() == pytest.approx(expected, rel=1e-4)
