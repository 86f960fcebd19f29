"""Numbers that no machine can use are refused before anything is written or allocated."""

from pathlib import Path

import pytest

from tests.cli.program import one_line, torchcamp
from torchcamp.base.errors import RecipeError, UserError
from torchcamp.base.memory import memory_bytes, require_room
from torchcamp.recipes import cnn
from torchcamp.recipes.registry import NAMES, find_recipe, require_room_for
from torchcamp.recipes.settings import with_hyperparameters

HUGE = "9" * 20


@pytest.mark.parametrize(
    ("recipe", "setting", "words"),
    [
        ("mlp", "lr=nan", "finite"),
        ("mlp", "lr=inf", "finite"),
        ("mlp", "lr=1e400", "finite"),
        ("mlp", "weight_decay=nan", "finite"),
        ("rnn", "max_norm=nan", "finite"),
        ("hmm", "pseudo_count=nan", "finite"),
        ("gan", "penalty_weight=inf", "finite"),
        ("mlp", f"batch_size={HUGE}", "below 2^62"),
        ("mlp", f"hidden_dims={HUGE}", "below 2^62"),
        ("mlp", "hidden_dims=9999999999", "GB of memory"),
        ("cnn", "channels=99999999,1,1", "GB of memory"),
        ("rbm", "num_chains=99999999999", "GB of memory"),
        ("hmm", f"num_states={2**61}", "fits into no machine"),
        ("rbm", "num_temperatures=999999999999", "10 million"),
        ("cnn", "convs_per_stage=99999999", "1000"),
        ("vae", "num_hidden_layers=99999999", "1000"),
        ("resnet", "blocks=99999999,1,1,1", "1000"),
        ("mlp", "max_shift=1000000", "below 28"),
        ("mlp", "num_pixels=5", "follows from the data, which give 784"),
        ("mlp", "model.num_classes=3", "follows from the data, which give 10"),
        ("cgan", "num_classes=1", "follows from the data"),
        ("rbm", "num_visible=5", "must be 784"),
        ("rnn", "num_rows=3", "must be 28"),
        ("rnn", "row_length=27", "must be 28"),
        ("hmm", "num_symbols=3", "must be 28"),
        ("mlp", f"seed={2**61 + 1}", "seed must lie between"),
    ],
)
def test_a_setting_is_refused_before_the_training(
    tmp_path: Path, recipe: str, setting: str, words: str
):
    result = torchcamp("train", recipe, "--data", "digits", "--set", setting, cwd=tmp_path)
    assert result.returncode == 2
    assert words in one_line(result)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "args",
    [
        ["sample", "cgan", "-n", HUGE],
        ["sample", "cgan", "-n", "9999999999"],
        ["sample", "cgan", "--seed", HUGE * 3],
        ["sample", "rnn", "--temperature", "nan"],
        ["sample", "rnn", "--temperature", "inf"],
        ["read", "x.py:A", "--limit", "nan"],
        ["doctor", "x.py", "--limit", "inf"],
        ["sweep", "mlp", "--hours", "nan", "--set", "lr=1,2"],
        ["sweep", "mlp", "--trials", HUGE, "--set", "lr=1,2"],
        ["find-lr", "mlp", "--steps", HUGE],
        ["train", "mlp", "--seed", HUGE],
        ["train", "mlp", "--preset", ""],
    ],
)
def test_an_option_is_refused_at_once(tmp_path: Path, args: list[str]):
    result = torchcamp(*args, cwd=tmp_path)
    assert result.returncode == 2
    one_line(result)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_networks_that_exist_have_room(name: str):
    require_room_for(find_recipe(name), 4)


def test_room_is_what_the_machine_has():
    require_room(memory_bytes(), "this needs")
    with pytest.raises(UserError, match=r"this needs .* GB, and this machine has"):
        require_room(memory_bytes() + 1, "this needs")


@pytest.mark.parametrize(
    "numbers",
    [
        {"lr": float("nan")},
        {"lr": "x"},
        {"lr": True},
        {"batch_size": 2**62},
        {"batch_size": 8.0},
        {"distort": 1},
        {"data": None},
        {"model": {"channels": [1, "a", 3]}},
        {"model": {"channels": 3}},
        {"model": {"image_shape": [1, 28]}},
    ],
)
def test_an_edited_run_has_settings_of_the_right_types(numbers: dict[str, object]):
    with pytest.raises(RecipeError):
        with_hyperparameters(cnn.default(), numbers)


@pytest.mark.parametrize("recipe", ["rnn", "hmm", "rbm", "gan", "cgan", "vae", "mlp"])
def test_two_pictures_are_trained_on_and_measured(tmp_path: Path, recipe: str):
    """What evaluation cannot show with so few is left out, and the report says so."""
    import numpy as np

    from tests.conftest import write_set

    rng = np.random.default_rng(0)
    pictures, labels = rng.integers(0, 256, (2, 28, 28)), np.arange(2)
    write_set(
        tmp_path / "two",
        {
            f"{part}-{kind}": value
            for part in ("train", "t10k")
            for kind, value in (("images-idx3", pictures), ("labels-idx1", labels))
        },
    )
    small = {
        "rnn": ["hidden_size=8", "row_units=2"],
        "hmm": ["num_states=3"],
        "rbm": ["num_hidden=4", "num_chains=3", "num_temperatures=20", "num_sample_steps=1"],
        "gan": ["channels=4"],
        "cgan": ["channels=4"],
        "vae": ["hidden_dim=8", "latent_dim=2"],
    }
    settings = [word for each in small.get(recipe, []) for word in ("--set", each)]
    args = ["train", recipe, "--data", "idx:two", "--epochs", "1", *settings]
    result = torchcamp(*args, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (run,) = (tmp_path / "runs").iterdir()
    report = (run / "report.html").read_text()
    assert ("they need two images" in report or "in place of 5" in report) == (recipe != "mlp")
