"""A sweep: what varies, what trials are judged by, and that it goes on where it was stopped."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from torchcamp.base.errors import RecipeError, RunError
from torchcamp.recipes import sweep as sweeping
from torchcamp.recipes.registry import find_recipe
from torchcamp.recipes.search_space import Choice, Range, as_text, search_space
from torchcamp.recipes.settings import with_settings
from torchcamp.recipes.sweep import SweepReports, judged_by, sweep
from torchcamp.recipes.sweep_report import render_sweep
from torchcamp.recipes.sweep_result import Sweep, Trial
from torchcamp.recipes.train import Prepared, Request
from torchcamp.training.run_folder import RunFolder

SMALL = ["hidden_dims=8", "batch_size=200"]


def small(tmp_path: Path, *settings: str, epochs: int = 2) -> Request:
    return Request(
        "mlp",
        data="digits",
        epochs=epochs,
        device="cpu",
        precision="fp32",
        settings=[*SMALL, *settings],
        out=tmp_path,
    )


def tried(result: Sweep) -> list[tuple[Any, ...]]:
    """Everything about the trials but clock values and the names of folders."""
    return [(t.number, t.settings, t.state, t.value, t.epochs, t.reason) for t in result.trials]


# --- What varies ---------------------------------------------------------------------------


def test_ranges_choices_and_fixed_settings():
    fixed, space = search_space(
        find_recipe("cnn"),
        ["lr=1e-4..1e-2", "warmup=0.1..0.5", "batch_size=32..256", "max_shift=1..3", "flip=true,false",
         "channels=2,3,4|4,5,6", "colour=grey,rgb", "average_decay=0.5", "distort=yes"],
    )  # fmt: skip
    assert fixed == ["average_decay=0.5", "distort=yes"]
    assert space == [
        Range(name="lr", low=1e-4, high=1e-2, whole=False),
        Range(name="warmup", low=0.1, high=0.5, whole=False),
        Range(name="batch_size", low=32, high=256, whole=True),
        Range(name="max_shift", low=1, high=3, whole=True),
        Choice(name="flip", values=("true", "false")),
        Choice(name="channels", values=("2,3,4", "4,5,6")),
        Choice(name="colour", values=("grey", "rgb")),
    ]
    assert [each.log for each in space if isinstance(each, Range)] == [True, False, False, False]
    assert str(space[0]) == "lr from 0.0001 to 0.01 (logarithmic)"
    assert str(space[3]) == "max_shift from 1 to 3 (linear, whole numbers)"


def test_a_path_with_two_dots_is_not_a_range():
    settings = ["data=folder:../pets", "lr=0.1,0.2"]
    assert search_space(find_recipe("cnn"), settings)[0] == ["data=folder:../pets"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["lr=0.1"], "nothing varies"),
        (["lrr=1..2"], "unknown setting 'lrr'. Did you mean 'lr'?"),
        (["lr=1e-2..1e-4"], "the range lr=1e-2..1e-4 is empty"),
        (["lr=0.1..0.1"], "is empty"),
        (["lr=0.1..inf"], "is empty"),
        (["lr=a..b"], "lr takes a range of numbers"),
        (["colour=a..b"], "colour is not a number"),
        (["channels=2..4"], "list choices separated by |"),
        (["batch_size=1.5..9"], "batch_size takes whole numbers"),
        (["lr=-1..1"], "lr must be positive"),
        (["lr=0.1,x"], "lr takes a number, not 'x'"),
        (["lr=0.1,"], "an empty or a repeated choice"),
        (["lr=0.1,0.1"], "an empty or a repeated choice"),
        (["lr=0.1,0.2", "lr=1..2"], "lr varies twice"),
        (["data=digits,mnist"], "different data cannot be compared"),
        (["lr"], "nothing varies"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(settings: list[str], words: str):
    with pytest.raises(RecipeError) as refusal:
        search_space(find_recipe("cnn"), settings)
    assert words in str(refusal.value)


def test_a_number_is_tried_as_it_is_written():
    within = Range(name="lr", low=0.00012345, high=0.5, whole=False)
    assert as_text(0.0123456, within) == "0.0123"
    assert as_text(0.00012346, within) == "0.00012346"  # three digits would leave the range


# --- Trials --------------------------------------------------------------------------------


def test_trials_are_run_folders_judged_on_held_out_training_data(tmp_path: Path):
    told: list[Trial] = []
    reports = SweepReports(trial=lambda result, trial: told.append(trial))
    result = sweep(small(tmp_path, "lr=1e-3..1e-1"), 3, reports)
    assert result.finished
    assert result.objective == "validation_accuracy"
    assert told == result.trials
    assert [trial.number for trial in result.trials] == [1, 2, 3]
    for trial in result.trials:
        assert trial.run
        description = RunFolder.open(result.folder / trial.run).description()
        assert description["numbers"]["hold_out"] is True
        assert description["numbers"]["lr"] == float(trial.settings["lr"])
        assert description["numbers"]["model"]["hidden_dims"] == [8]
        assert description["summary"]["validation_accuracy"] == trial.value
        assert "test_accuracy" not in description["summary"]
        assert 1e-3 <= float(trial.settings["lr"]) <= 1e-1
    assert result.best
    assert result.best.value == max(trial.value or 0 for trial in result.trials)
    assert result.command == (
        "torchcamp train mlp --data digits --epochs 2 --set hidden_dims=8 --set batch_size=200 "
        f"--set lr={result.best.settings['lr']}"
    )
    stored = json.loads((result.folder / "sweep.json").read_text())
    assert stored == json.loads(json.dumps(result.as_json()))
    assert (result.folder / "sweep.html").read_text() == render_sweep(result)


def test_the_same_request_goes_on_and_tries_what_one_sitting_would(tmp_path: Path):
    request = small(tmp_path / "a", "lr=1e-3..1e-1", "label_smoothing=0.0,0.2", epochs=1)
    first = sweep(request, 3)
    both = sweep(request, 7)
    assert both.folder == first.folder
    assert both.trials[:3] == first.trials
    straight = sweep(replace(request, out=tmp_path / "b"), 7)
    assert tried(straight) == tried(both)
    assert len({trial.settings["lr"] for trial in straight.trials}) == 7
    other = sweep(replace(request, out=tmp_path / "b", seed=1), 1)
    assert other.folder != straight.folder
    assert other.trials[0].settings != straight.trials[0].settings


def test_a_trial_that_was_interrupted_is_resumed(tmp_path: Path):
    request = small(tmp_path / "a", "lr=0.01,0.02,0.03", epochs=3)
    steps = 0

    def stop() -> bool:
        nonlocal steps
        steps += 1
        return steps > 20  # in the second trial: one takes 3 x 5 steps

    stopped = sweep(request, 9, SweepReports(should_stop=stop))
    assert not stopped.finished
    assert [trial.state for trial in stopped.trials] == ["done"]
    folders = {path.name for path in stopped.folder.glob("mlp-*")}
    assert len(folders) == 2
    result = sweep(request, 9)
    assert result.finished
    assert result.num_trials == 3
    assert result.trials[1].run in folders
    assert tried(result) == tried(sweep(replace(request, out=tmp_path / "b"), 9))


def test_every_combination_is_tried_once(tmp_path: Path):
    result = sweep(small(tmp_path, "lr=0.01,0.02", "label_smoothing=0.0,0.1,0.2", epochs=1), 50)
    pairs = {(trial.settings["lr"], trial.settings["label_smoothing"]) for trial in result.trials}
    assert len(pairs) == len(result.trials) == 6


def test_a_divergence_is_a_failed_trial(tmp_path: Path):
    result = sweep(small(tmp_path, "lr=1e30,0.01", epochs=1), 2)
    states = {trial.settings["lr"]: trial for trial in result.trials}
    assert states["1e30"].state == "failed"
    assert "training diverged" in (states["1e30"].reason or "")
    assert states["0.01"].state == "done"
    assert result.best == states["0.01"]
    assert "training diverged" in (result.folder / "sweep.html").read_text()


def test_a_trial_worse_than_the_median_is_stopped_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sweeping, "NUM_RANDOM", 1)
    request = small(tmp_path, "lr=0.02,0.03,1e-6,1e-7", epochs=4)
    result = sweep(request, 4)
    pruned = [trial for trial in result.trials if trial.state == "pruned"]
    assert pruned
    for trial in pruned:
        assert float(trial.settings["lr"]) < 1e-3
        assert 1 <= trial.epochs < 4
        assert trial.run
        assert RunFolder.open(result.folder / trial.run).finished is False
    # Where the number of epochs varies, epochs cannot be compared.
    request = replace(small(tmp_path, "lr=0.02,1e-7", "epochs=3,4"), epochs=None)
    assert {trial.state for trial in sweep(request, 4).trials} == {"done"}


def test_no_trial_begins_after_the_hours(tmp_path: Path):
    request = small(tmp_path, "lr=0.01,0.02", epochs=1)
    assert sweep(request, 2, hours=0.0).trials == []
    assert len(sweep(request, 2, hours=1.0).trials) == 2


@pytest.mark.parametrize(
    ("name", "preset", "settings", "objective"),
    [
        ("cnn", None, ["channels=2,3,4"], "validation_accuracy"),
        ("vae", None, ["hidden_dim=8"], "validation_loss"),
        ("rnn", None, ["hidden_size=8"], "validation_nats"),
        ("rbm", None, ["num_hidden=8"], "rough_nats"),
        ("hmm", None, ["num_states=3"], "validation_nats"),
        ("gan", None, ["channels=2"], "frechet_distance"),
    ],
)
def test_what_each_recipe_is_judged_by(
    name: str, preset: str | None, settings: list[str], objective: str
):
    recipe = with_settings(find_recipe(name, preset), [*settings, "data=digits", "hold_out=true"])
    images = recipe.load().first(60)
    recipe = recipe.for_data(images)
    prepared = Prepared(
        recipe=recipe,
        dataset=images,
        training=recipe.build(torch.device("cpu"), images),
        device=torch.device("cpu"),
        precision="fp32",
    )
    assert judged_by(prepared) == (objective, objective == "validation_accuracy")


def test_less_is_better_where_the_measure_is_a_loss(tmp_path: Path):
    def trial(number: int, state: str, value: float) -> Trial:
        return Trial(
            number=number, settings={"lr": str(number)}, state=state, value=value, epochs=1,
            run="r", seconds=1.0, reason=None,
        )  # fmt: skip

    result = Sweep(
        folder=tmp_path, recipe="vae", data="digits", objective="validation_loss", maximise=False,
        space=[Choice(name="lr", values=("1", "2", "3"))], num_trials=4, finite=True,
        words=["torchcamp", "train", "vae"],
        trials=[trial(1, "done", 3.0), trial(2, "done", 2.0), trial(3, "pruned", 1.0)],
    )  # fmt: skip
    assert result.best == result.trials[1]
    assert replace(result, maximise=True).best == result.trials[0]
    assert result.command == "torchcamp train vae --set lr=2"
    assert result.seconds_left == 1.0


# --- Refusals ------------------------------------------------------------------------------


def test_the_test_set_cannot_choose_settings(tmp_path: Path):
    with pytest.raises(RecipeError, match="always holds a part of the training data out"):
        sweep(small(tmp_path, "lr=0.1,0.2", "hold_out=false"), 2)


def test_without_optuna_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(RecipeError, match=r"pip install 'torchcamp\[sweep\]'"):
        sweep(small(tmp_path, "lr=0.1,0.2"), 2)
    assert list(tmp_path.iterdir()) == []


def test_fewer_than_one_trial_is_refused(tmp_path: Path):
    with pytest.raises(RecipeError, match="--trials is 0"):
        sweep(small(tmp_path, "lr=0.1,0.2"), 0)


def test_one_process_at_a_time(tmp_path: Path):
    request = small(tmp_path, "lr=0.01,0.02", epochs=1)
    result = sweep(request, 1)
    lock = RunFolder(result.folder)
    lock.lock()
    try:
        with pytest.raises(RunError, match="another process is training"):
            sweep(request, 2)
    finally:
        lock.unlock()
    assert len(sweep(request, 2).trials) == 2


def test_optuna_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    sweep(small(tmp_path, "lr=1e30,0.01", epochs=1), 2)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
