"""Beginning with other weights, small sets, unbalanced sets, and when a training ends."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.cli.program import torchcamp
from torchcamp.base.errors import RecipeError, RunError
from torchcamp.data.batches import Batches
from torchcamp.data.images import Images, load_images
from torchcamp.recipes import cnn as cnn_recipes
from torchcamp.recipes import resnet as resnet_recipes
from torchcamp.recipes.registry import find_recipe
from torchcamp.recipes.settings import with_settings
from torchcamp.recipes.starting import find_start, start_from
from torchcamp.training.loop import Training

CPU = torch.device("cpu")


def small_cnn(*settings: str) -> Any:
    return with_settings(
        find_recipe("cnn"), ["data=digits", "channels=2,3,4", "batch_size=50", *settings]
    )


def pictures(num_train: int, name: str = "folder:pets", classes: int = 3) -> Images:
    """A made-up set of the user's own: noise, and classes in turn."""
    rng = torch.Generator().manual_seed(0)
    return Images(
        name=name,
        train_images=torch.randint(256, (num_train, 3, 8, 8), generator=rng).byte(),
        train_labels=torch.arange(num_train) % classes,
        test_images=torch.randint(256, (6, 3, 8, 8), generator=rng).byte(),
        test_labels=torch.arange(6) % classes,
        class_names=tuple("abcdef"[:classes]),
    )


def only_run(folder: Path) -> Path:
    (run,) = (path for path in folder.iterdir() if (path / "run.json").exists())
    return run


def train(folder: Path, *args: str) -> Path:
    """Run `torchcamp train` and return the new run's folder."""
    result = torchcamp("train", *args, "--device", "cpu", "--json", cwd=folder)
    assert result.returncode == 0, result.stderr
    return folder / json.loads(result.stdout)["run"]


SMALL_CNN = ["--data", "digits", "--set", "channels=2,3,4", "--epochs", "1"]


# --- Beginning with other weights ----------------------------------------------------------


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("parent"), "cnn", *SMALL_CNN, "--seed", "3")


def test_a_run_begins_with_anothers_weights_and_names_it(parent: Path):
    """At a rate of nearly nothing the weights stay what they were."""
    folder = parent.parents[1]
    child = train(folder, "cnn", *SMALL_CNN, "--from", str(parent), "--lr", "1e-12")
    before, after = (load_file(run / "weights.safetensors") for run in (parent, child))
    for name in ("conv1.0.weight", "conv3.0.0.weight", "output.weight"):
        assert torch.allclose(before[name], after[name], atol=1e-6), name
    described = json.loads((child / "run.json").read_text())
    assert described["parent"]["run"] == str(parent.resolve())
    assert len(described["parent"]["weights_sha256"]) == 64
    assert described["numbers"]["lr"] == 1e-12


def test_without_a_recipe_a_run_goes_on_with_its_parents_settings(parent: Path):
    folder = parent.parents[1]
    child = train(folder, "--from", str(parent), "--epochs", "2", "--batch-size", "100")
    numbers = json.loads((child / "run.json").read_text())["numbers"]
    expected = json.loads((parent / "run.json").read_text())["numbers"]
    assert numbers == expected | {"epochs": 2, "batch_size": 100}


def test_a_stopped_child_resumes_to_the_same_weights(parent: Path, tmp_path: Path):
    """Killed before its first checkpoint, it begins again with the same weights."""
    args = ["cnn", *SMALL_CNN, "--from", str(parent), "--seed", "1"]
    whole = train(tmp_path, *args)
    for file in ("checkpoint.pt", "weights.safetensors", "metrics.jsonl", "report.html"):
        (whole / file).rename(tmp_path / file)
    described = json.loads((whole / "run.json").read_text())
    (whole / "run.json").write_text(json.dumps(described | {"finished": None}))
    result = torchcamp("train", "--resume", str(whole), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    before, after = (tmp_path / "weights.safetensors", whole / "weights.safetensors")
    assert_same(load_file(before), load_file(after))
    assert (tmp_path / "metrics.jsonl").read_text() == (whole / "metrics.jsonl").read_text()


def assert_same(left: dict[str, Tensor], right: dict[str, Tensor]) -> None:
    assert left.keys() == right.keys()
    for name, value in left.items():
        assert torch.equal(value, right[name]), name


def build(recipe: Any) -> Training:
    data = recipe.load()
    return recipe.for_data(data).build(CPU, data)


def test_the_last_layer_is_fresh_where_the_classes_differ(parent: Path):
    start = find_start(str(parent), [])
    same, other = build(small_cnn("average_decay=0.5")), build(small_cnn())
    fresh = other.network.state_dict()["output.weight"].clone()
    digits = [str(k) for k in range(10)]
    assert "begins with" in start_from(same, start, digits)
    sentence = start_from(other, start, ["zero", *digits[1:]])
    assert sentence.endswith("fresh: output.bias, output.weight")
    for name in ("conv1.0.weight", "conv3.0.1.running_var"):
        for training in (same, other):
            for network in (training.network, training.state["network"]):
                assert torch.equal(network.state_dict()[name], start.weights[name])
    assert torch.equal(same.network.state_dict()["output.weight"], start.weights["output.weight"])
    assert torch.equal(other.network.state_dict()["output.weight"], fresh)


def test_tensors_that_do_not_fit_are_named(parent: Path):
    training = build(small_cnn("channels=2,3,5"))
    sentence = start_from(training, find_start(str(parent), []), [str(k) for k in range(10)])
    assert "fresh: conv3.0.0.weight, conv3.0.1.bias" in sentence
    mlp = build(with_settings(find_recipe("mlp"), ["data=digits", "hidden_dims=4"]))
    with pytest.raises(
        RecipeError, match=r"nothing in .* fits this model: it holds conv1.0.weight, conv1.1.bias"
    ):
        start_from(mlp, find_start(str(parent), []), [])


@pytest.mark.parametrize("around", ["nothing", "state_dict", "module."])
@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_weights_of_torchvisions_names_load_into_resnet(tmp_path: Path, suffix: str, around: str):
    """ResNet-18 as torchvision saves it, with 1,000 classes; all but its last layer is taken."""
    recipe = with_settings(find_recipe("resnet", "resnet18"), ["data=digits", "channels=2,2,3,4"])
    training = build(recipe)
    weights = {k: torch.rand(v.shape) for k, v in training.network.state_dict().items() if v.dim()}
    weights |= {"fc.weight": torch.rand(1000, 4), "fc.bias": torch.rand(1000)}
    content: Any = (
        {f"module.{k}": v for k, v in weights.items()} if around == "module." else weights
    )
    if suffix == ".safetensors":
        save_file(content, tmp_path / "w.safetensors")
    else:
        torch.save(
            {"state_dict": content} if around == "state_dict" else content, tmp_path / "w.pth"
        )
    sentence = start_from(training, find_start(str(tmp_path / f"w{suffix}"), []), ["a", "b"])
    assert sentence.endswith("fresh: fc.bias, fc.weight")
    taken = training.network.state_dict()
    assert torch.equal(taken["layer4.1.bn2.running_var"], weights["layer4.1.bn2.running_var"])


def test_what_is_no_weights_is_said_in_a_sentence(tmp_path: Path):
    (tmp_path / "w.pth").write_bytes(b"no zip")
    (tmp_path / "w.safetensors").write_bytes(b"nothing")
    torch.save([1, 2], tmp_path / "list.pt")
    for file, message in (
        ("w.pth", "is not a state dict"),
        ("w.safetensors", "cannot read the weights"),
        ("list.pt", "holds a list, not a state dict"),
    ):
        with pytest.raises(RecipeError, match=message):
            find_start(str(tmp_path / file), [])
    with pytest.raises(RunError, match="does not exist"):
        find_start(str(tmp_path / "none.pt"), [])
    with pytest.raises(RunError, match=r"'cmn' is neither a run.*Did you mean 'cnn'"):
        find_start("cmn", [])


def test_frozen_features_stay_and_the_last_layer_learns(tmp_path: Path, parent: Path):
    child = train(
        tmp_path, "cnn", *SMALL_CNN, "--from", str(parent), "--freeze", "features", "--seed", "8"
    )
    before, after = (load_file(run / "weights.safetensors") for run in (parent, child))
    for name, value in before.items():
        assert torch.equal(value, after[name]) == (not name.startswith("output.")), name
    result = torchcamp("train", "cnn", *SMALL_CNN, "--freeze", "all", cwd=tmp_path)
    assert (result.returncode, "freeze must be none or features" in result.stderr) == (2, True)


# --- Small and unbalanced sets ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("num_train", "chosen", "batch_size", "epochs"),
    [
        (100, set(), 8, 34),  # 12 steps of an epoch, 400 in all
        (100, {"epochs"}, 8, 3),
        (100, {"batch_size"}, 100, 400),
        (1000, set(), 64, 27),
        (5, set(), 5, 400),
        (30_000, set(), 128, 3),
    ],
)
def test_few_pictures_of_ones_own_get_smaller_batches_and_more_epochs(
    num_train: int, chosen: set[str], batch_size: int, epochs: int
):
    lines: list[str] = []
    recipe = cnn_recipes.default().adapted(pictures(num_train), chosen, lines.append)
    assert (recipe.batch_size, recipe.epochs) == (batch_size, epochs)
    assert len(lines) == (0 if num_train == 30_000 else 1)
    if num_train == 100 and not chosen:
        assert lines == [
            "100 training pictures: 34 epochs in batches of 8 (4 do not fill a batch: others each "
            "epoch); change this with --epochs and --batch-size"
        ]


@pytest.mark.parametrize(
    ("preset", "chosen", "batch_size", "lr"),
    [
        ("default", set(), 8, 0.24 * (8 / 1000) ** 0.5), ("default", {"lr"}, 8, 0.24),
        ("default", {"batch_size"}, 100, 0.24 * 0.1**0.5), ("resnet18", set(), 8, 0.01 * 8 / 32),
    ],
)  # fmt: skip
def test_the_rate_falls_with_the_batch_and_with_its_root_for_muon(
    preset: str, chosen: set[str], batch_size: int, lr: float
):
    lines: list[str] = []
    make = {"default": resnet_recipes.default, "resnet18": resnet_recipes.resnet18}[preset]
    recipe = make().adapted(pictures(100), chosen, lines.append)
    assert recipe.batch_size == batch_size
    assert recipe.lr == pytest.approx(lr)
    assert any("scaled to the batch size" in line for line in lines) == ("lr" not in chosen)


@pytest.mark.parametrize(("chosen", "decay"), [(set(), 1 - 10 / 408), ({"average_decay"}, 0.998)])
def test_the_average_of_a_short_training_is_short(chosen: set[str], decay: float):
    recipe = replace(cnn_recipes.best(), epochs=1).adapted(pictures(100), chosen, lambda line: None)
    assert (recipe.epochs, recipe.batch_size) == (34, 8)  # 408 steps
    assert recipe.average_decay == pytest.approx(decay)


def test_many_pictures_of_ones_own_keep_the_epochs_of_a_preset():
    lines: list[str] = []
    fast = resnet_recipes.fast()
    assert fast.epochs * (50_000 // fast.batch_size) < fast.min_steps
    assert fast.adapted(pictures(50_000), set(), lines.append) == fast
    assert lines == []


def test_published_sets_keep_the_presets_numbers():
    recipe = cnn_recipes.default()
    digits = load_images("digits")
    assert recipe.adapted(digits, set(), lambda line: None) == recipe


def test_a_balanced_training_draws_every_class_equally_often():
    images = pictures(400, classes=2)
    images = replace(images, train_labels=(torch.arange(400) < 40).long())
    recipe = small_cnn("balance=true", "num_classes=2").for_data(images)
    shares = {
        balance: torch.cat([labels for _, labels in part.batches.epoch(0)]).float().mean().item()
        for balance in (True, False)
        for part in [replace(recipe, balance=balance).build(CPU, images)]
    }
    assert shares[False] == pytest.approx(0.1, abs=0.001)
    assert shares[True] == pytest.approx(0.5, abs=0.08)


# --- When a training ends --------------------------------------------------------------------


def test_patience_holds_a_part_out_and_tests_on_the_test_set():
    recipe = small_cnn("patience=2", "epochs=3")
    training = build(recipe)
    digits = load_images("digits")
    held_out = digits.holding_out()
    assert len(training.batches.tensors[0]) == len(held_out.train_labels)  # type: ignore[attr-defined]
    assert training.evaluate().keys() == {"validation_accuracy", "validation_loss"}
    stopper = training.state["early_stopping"]
    assert (stopper.measure, stopper.patience) == ("validation_loss", 2)
    assert recipe.for_data(digits).evaluate(training.network, digits).summary.keys() == {
        "test_accuracy", "test_loss",
    }  # fmt: skip
    said: list[str] = []
    recipe.adapted(
        replace(digits, validation_images=digits.test_images, validation_labels=digits.test_labels),
        (),
        said.append,
    )
    small_cnn("epochs=3").adapted(digits, (), said.append)
    assert said == ["360 validation pictures decide when the training ends"]


def test_a_run_that_ended_early_says_which_epoch_it_kept(tmp_path: Path):
    """Rates of 1 make nothing better for long."""
    result = torchcamp(
        "train", "mlp", "--data", "digits", "--set", "hidden_dims=4", "--lr", "1.0",
        "--epochs", "40", "--set", "patience=1", "--device", "cpu", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    run = only_run(tmp_path / "runs")
    described = json.loads((run / "run.json").read_text())
    epochs = [
        row
        for row in map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        if "loss" not in row
    ]
    best = described["best_epoch"]
    assert len(epochs) == best + 1 < 40
    assert f"kept the weights of epoch {best} of {best + 1}" in result.stderr
    assert "240 of 1,437 training pictures are held out" in result.stderr


def test_pictures_are_flipped_where_the_recipe_says_so():
    training = build(small_cnn("flip=true", "max_shift=0"))
    plain = build(small_cnn("flip=false", "max_shift=0"))
    (flipped, _), (images, _) = (next(iter(t.batches.epoch(0))) for t in (training, plain))
    mirrored = [
        torch.equal(a, b.flip(2)) and not torch.equal(a, b)
        for a, b in zip(flipped, images, strict=True)
    ]
    same = [torch.equal(a, b) for a, b in zip(flipped, images, strict=True)]
    assert sum(mirrored) + sum(same) == 50
    assert 12 < sum(mirrored) < 38


def test_each_picture_is_mirrored_in_every_second_epoch():
    images = torch.arange(24.0).view(6, 1, 2, 2)
    mirrored = torch.tensor([True, False, True, True, False, False])
    batches = Batches(images, torch.arange(6), batch_size=6, mirrored=mirrored)
    for epoch in range(4):
        pixels, labels = next(batches.epoch(epoch))
        for picture, label in zip(pixels, labels, strict=True):
            turned = bool(mirrored[label]) != (epoch % 2 == 1)
            assert torch.equal(picture, images[label].flip(2) if turned else images[label])


def test_the_stem_of_resnet_is_whitened_by_the_training_pictures():
    digits = load_images("digits")
    recipe = with_settings(find_recipe("resnet"), ["data=digits", "channels=8,2,2,2"])
    stem = build(recipe).network.conv1.weight.flatten(1)  # type: ignore[union-attr]
    assert torch.allclose(stem[:4], -stem[4:])
    other = replace(digits, train_images=255 - digits.train_images)
    again = recipe.for_data(other).build(CPU, other).network.conv1.weight  # type: ignore[union-attr]
    assert not torch.allclose(stem.abs(), again.flatten(1).abs())  # type: ignore[union-attr]
