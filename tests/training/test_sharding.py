"""Weights and optimizer shared out among processes, and batch norm over all of them.

What N sharded processes compute is compared with N that are not; a step with synchronised batch norm,
with one process that has the whole batch.
"""

import copy
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn

from tests.cli.program import one_line, torchcamp
from tests.training.test_distributed import (
    CNN,
    FP32,
    ON_DIGITS,
    STRANGE,
    Results,
    in_two_processes,
    largest_difference,
    loaded,
    made_once,
    training,
)
from torchcamp.base.errors import RunError
from torchcamp.models.resnet import ConvBlock, ResNet, ResNetConfig
from torchcamp.training.batch_norm import synchronise
from torchcamp.training.run_folder import RunFolder
from torchcamp.training.sharded_checkpoint import divided, read, united
from torchcamp.training.sharding import blocks, require_shardable

LONGER = ["cnn", "--data", "digits", "--epochs", "2", "--json", *CNN, *FP32]
RESNET = ["--set", "model.channels=8,8,8,8", "--batch-size", "200", *FP32]
AVERAGED = ["--batch-size", "101", "--set", "model.channels=4,4,4", "--set", "patience=1"]
# Each with the largest difference of a weight after an epoch: sums in another order.
RECIPES: dict[str, tuple[list[str], float]] = {
    "cnn": (LONGER, 1e-5),
    "mine": (["own/recipe.py:quick", *ON_DIGITS, "--batch-size", "101", *FP32], 1e-5),
    "sgd": (["resnet", *ON_DIGITS, *RESNET, "--set", "muon=false", "--lr", "0.05"], 1e-5),
    # Muon computes in bf16, where another last bit is 0.4 %; weights are up to 1.
    "resnet": (["resnet", *ON_DIGITS, *RESNET], 1e-2),
    # An average, early stopping, blocks, and parts of 51 and 50 pictures.
    "best": (["cnn", "--preset", "best", *ON_DIGITS, *AVERAGED, *FP32], 1e-5),
    "mlp": (["mlp", *ON_DIGITS, *FP32], 1e-5),
    "vae": (["vae", *ON_DIGITS, *FP32], 1e-5),
    "rows": (["rnn", *ON_DIGITS, *FP32], 1e-5),
    "text": (["rnn", "--data", "text:text.txt", "--epochs", "1", "--json", *FP32], 1e-5),
    "resnet18": (["resnet", "--preset", "resnet18", *ON_DIGITS, *RESNET], 1e-5),
}
# Nothing is drawn at random, so that one process does the same.
STILL = ["cnn", *ON_DIGITS, *CNN[:2], "--batch-size", "101", "--set", "max_shift=0", *FP32]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return made_once(tmp_path_factory, "sharded pair", done_in)


def done_in(folder: Path) -> Results:
    torchcamp("new", "own", cwd=folder)
    (folder / "strange.py").write_text(STRANGE)
    jobs = []
    for name in ("mine", "resnet"):
        jobs += both(name)
    wide = ["mlp", "model.hidden_dims=1024", "batch_size=400"]
    return in_two_processes(
        folder,
        [
            *jobs,
            training("long", *LONGER, "--shard"),
            {**training("stopped", *LONGER, "--shard"), "stop_after": 17, "copy": "shrunk"},
            {"name": "stopped again", "run": ["train", "--resume", "stopped/*", "--json"]},
            training("synchronised", *STILL, "--sync-batch-norm", "--shard"),
            {"name": "norm", "norm": ["cnn", "pool", "stride"]},
            training("gan", "gan", *ON_DIGITS, "--shard"),
            training("dice", "hmm", "--data", "dice", "--shard"),
            training("no norm", "hmm", "--data", "dice", "--sync-batch-norm"),
            training("apart", "strange.py:apart", *ON_DIGITS, *CNN, "--shard"),
            training("by hand", "strange.py:by_hand", *ON_DIGITS, *CNN, "--shard"),
            {"name": "wide", "fit": wide, "shard": True},
        ],
    )


def both(name: str) -> list[dict[str, Any]]:
    """A recipe's training by two processes, whole and sharded."""
    command = RECIPES[name][0]
    whole = {**training(name, *command), "contiguous": True}
    return [whole, training(f"{name} sharded", *command, "--shard")]


def require_same(results: Results, name: str) -> None:
    """What two sharded processes computed is what two whole ones did."""
    first, second = results.jobs[f"{name} sharded"]
    assert first["code"] == second["code"] == 0, first["err"]
    assert (second["out"], second["err"]) == ("", "")
    assert "2 processes, sharded, each with batch norm of its own" in first["err"]
    run, other = results.run(f"{name} sharded"), results.run(name)
    weights, expected = (load_file(each.path / "weights.safetensors") for each in (run, other))
    tolerance = RECIPES[name][1]
    assert largest_difference(weights, expected) < tolerance, name
    for ours, theirs in zip(*(r.rows("metrics.jsonl") for r in (run, other)), strict=True):
        # One picture more or less may be right; a loss may differ by what the weights do.
        assert ours == pytest.approx(theirs, rel=max(0.01, 10 * tolerance)), name


# --- What they compute ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mine", "resnet"])
def test_sharded_processes_compute_as_whole_ones(results: Results, name: str):
    require_same(results, name)
    sharded = [
        results.run(each).description().get("sharded", False) for each in (name, f"{name} sharded")
    ]
    assert sharded == [False, True]  # as "--shard" says


def test_each_process_holds_its_part_of_weights_and_optimizer(results: Results):
    """Of 784 x 1024 + ... numbers with two moments of Adam each, half; the batch norms' are few."""
    ends = loaded(results, "wide")
    network = ends[0]["network"]
    trained = [v for k, v in network.items() if "running" not in k and "num_batches" not in k]
    total = 3 * sum(value.nbytes for value in trained)
    for end in ends:
        assert end["bytes"] == pytest.approx(total / 2, rel=0.01)
        assert torch.equal(end["network"]["output.weight"], network["output.weight"])


def test_blocks_are_what_stands_in_a_sequence_and_has_parts():
    network = ResNet(ResNetConfig(channels=(8, 8, 8, 8)))
    found = blocks(network)
    assert len(found) == 6
    assert all(isinstance(block, ConvBlock) for block in found)
    assert blocks(nn.Sequential(nn.Linear(2, 2), nn.ReLU())) == []
    inner = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    lists = nn.ModuleList([nn.ModuleList([inner]), nn.Linear(2, 2)])
    assert blocks(lists) == [inner]
    layers = nn.Linear(2, 2), nn.Linear(2, 2)
    tied = nn.Sequential(*map(nn.Sequential, layers))
    assert len(blocks(tied)) == 2
    layers[1].weight = layers[0].weight
    assert blocks(tied) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gan", "this recipe trains 2 networks against each other: leave --shard out"),
        ("dice", "this recipe's step has no optimizer: leave --shard out"),
        ("apart", "holds on to conv1.0.weight by itself"),
        ("by hand", "this recipe's step cannot compute with sharded weights"),
        ("no norm", "this network has no batch norm: leave --sync-batch-norm out"),
    ],
)
def test_what_cannot_be_done_is_refused_once(results: Results, name: str, words: str):
    first, second = results.jobs[name]
    assert first["code"] == second["code"] == 2
    assert words in first["err"]
    assert first["err"].count("torchcamp: ") == 1
    assert second["err"] == ""


def test_chains_are_not_sharded():
    class WithChains:
        step, state, split = None, {}, [(nn.Linear(1, 1), "chains")]

    with pytest.raises(RunError, match="adds up statistics over chains: leave --shard out"):
        require_shardable(WithChains())


@pytest.mark.parametrize("option", ["--shard", "--sync-batch-norm"])
def test_one_process_is_refused(results: Results, tmp_path: Path, option: str):
    refused = torchcamp("train", "cnn", "--data", "digits", option, cwd=tmp_path)
    assert refused.returncode == 2
    assert f"{option} is for several processes: add --processes N" in one_line(refused)
    assert list(tmp_path.iterdir()) == []
    run = results.run("shrunk").path
    again = torchcamp("train", "--resume", str(run), option, cwd=tmp_path)
    assert f"{option} is for several processes" in one_line(again)


# --- Checkpoints ---------------------------------------------------------------------------


def test_a_stopped_sharded_pair_goes_on_as_if_it_had_not_stopped(results: Results):
    assert [job["code"] for job in results.jobs["stopped"]] == [130, 130]
    first, second = results.jobs["stopped again"]
    assert first["code"] == second["code"] == 0, first["err"]
    assert "2 processes, sharded" in first["err"]
    ours, theirs = results.run("stopped"), results.run("long")
    for file in ("metrics.jsonl", "weights.safetensors"):
        assert (ours.path / file).read_bytes() == (theirs.path / file).read_bytes(), file
    names = [sorted(file.name for file in run.path.iterdir()) for run in (ours, theirs)]
    assert names[0] == names[1]


def test_one_process_goes_on_whole_with_what_a_sharded_pair_began(results: Results):
    stopped = results.run("shrunk")
    checkpoint = stopped.load_checkpoint()
    assert checkpoint is not None
    folders = [file.name for file in stopped.path.glob("checkpoint-*")]
    assert folders == [checkpoint["shards"]] == [f"checkpoint-{checkpoint['step']}"]
    parts = {file.name for file in (stopped.path / folders[0]).iterdir()}
    assert parts == {".metadata", "__0_0.distcp", "__1_0.distcp"}
    weights = stopped.load_weights()
    tensors = read(stopped.path / folders[0])
    for name in ("conv1.0.weight", "output.bias"):
        assert torch.equal(tensors[f"network/{name}"], weights[name])
    assert {"optimizer/state/#0/exp_avg", "optimizer/state/#0/exp_avg_sq"} < tensors.keys()

    copied = results.folder / "shrunk-alone" / stopped.path.name
    shutil.copytree(stopped.path, copied)
    left_over = copied / "checkpoint-1"
    left_over.mkdir()
    alone = torchcamp("train", "--resume", str(copied), "--json", cwd=results.folder)
    assert alone.returncode == 0, alone.stderr
    assert "this run had 2 processes and now has 1" in alone.stderr
    run = RunFolder.open(copied)
    assert not list(copied.glob("checkpoint-*"))  # its last checkpoint is whole
    ends = [each.rows("metrics.jsonl")[-1] for each in (run, results.run("long"))]
    assert ends[0]["step"] == ends[1]["step"]
    assert ends[0]["test_accuracy"] == pytest.approx(ends[1]["test_accuracy"], abs=0.15)


def test_a_sharded_run_is_a_run_like_any_other(results: Results, tmp_path: Path):
    run = results.run("long")
    evaluated = torchcamp("evaluate", str(run.path), "--fresh", "--json", cwd=tmp_path)
    assert evaluated.returncode == 0, evaluated.stderr
    value = json.loads(evaluated.stdout)["measures"]["accuracy"]["value"]
    assert value == run.description()["summary"]["test_accuracy"]
    pixels = np.zeros((28, 28), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "zero.png")
    predicted = torchcamp("predict", str(run.path), "zero.png", "--json", cwd=tmp_path)
    assert predicted.returncode == 0, predicted.stderr


def test_the_sharded_tensors_of_before_stay_until_the_new_checkpoint_stands(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run = RunFolder(tmp_path / "run")
    shutil.copytree(results.run("shrunk").path, run.path)
    before = run.load_checkpoint()
    assert before is not None
    (run.path / "checkpoint-99").mkdir()
    with monkeypatch.context() as patch:

        def full(path: Path, write: object) -> None:
            raise OSError(28, "No space left on device", str(path))

        patch.setattr("torchcamp.training.run_folder.write_atomically", full)
        with pytest.raises(OSError, match="No space"):
            run.save_checkpoint(before | {"shards": "checkpoint-99"})
    assert read(run.path / before["shards"]).keys()
    run.save_checkpoint(before | {"shards": "checkpoint-99"})
    assert [folder.name for folder in run.path.glob("checkpoint-*")] == ["checkpoint-99"]


def test_what_is_divided_is_united_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "torchcamp.training.sharded_checkpoint.is_sharded", lambda value: value is sharded
    )
    sharded = torch.ones(2)
    captured = {
        "network": {"a/b": sharded, "c": torch.zeros(1)},
        "optimizer": {"state": {0: {"exp_avg": sharded, "step": 3}, 1: {"exp_avg": sharded}}},
        "average": {"module.a": sharded},
    }
    rest, tensors = divided(captured)
    assert len(tensors) == 4
    assert rest["optimizer"]["state"][0] == {"step": 3}
    assert united(rest, tensors) == captured


def damaged(run: Path, folder: Path) -> None:
    (folder / "__1_0.distcp").unlink()


def dangerous(run: Path, folder: Path) -> None:
    (folder / ".metadata").write_bytes(pickle.dumps(shutil.rmtree))


def missing(run: Path, folder: Path) -> None:
    shutil.rmtree(folder)


def elsewhere(run: Path, folder: Path) -> None:
    checkpoint = torch.load(run / "checkpoint.pt", weights_only=True)
    torch.save(checkpoint | {"shards": "../checkpoint-1"}, run / "checkpoint.pt")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damaged, "is missing or damaged"),
        (dangerous, "it names shutil.rmtree"),
        (missing, "is missing or damaged"),
        (elsewhere, "it names no folder of its own"),
    ],
)
def test_a_damaged_sharded_checkpoint_is_refused(
    results: Results, tmp_path: Path, damage: Callable[[Path, Path], None], words: str
):
    run = tmp_path / "run"
    shutil.copytree(results.run("shrunk").path, run)
    damage(run, next(run.glob("checkpoint-*")))
    refused = torchcamp("train", "--resume", str(run), cwd=tmp_path)
    assert refused.returncode == 2
    assert words in one_line(refused)


# --- Batch norm ----------------------------------------------------------------------------


def test_synchronised_batch_norm_has_the_gradients_of_one_process(results: Results):
    """In float64, with parts of 5 and 6 pictures."""
    for end in loaded(results, "norm"):
        assert end.keys() == {"cnn", "pool", "stride"}
        assert max(end.values()) < 1e-12


def test_a_training_with_synchronised_batch_norm_is_that_of_one_process(results: Results):
    """ "--sync-batch-norm", after an epoch: Adam enlarges rounding to some 4e-4; batch norm of each one's own gives 2e-2."""
    first, second = results.jobs["synchronised"]
    assert first["code"] == second["code"] == 0, first["err"]
    assert "2 processes, sharded, with one batch norm over all" in first["err"]
    alone = torchcamp("train", *STILL, "--out", "whole", cwd=results.folder)
    assert alone.returncode == 0, alone.stderr
    expected = load_file(results.run("whole").path / "weights.safetensors")
    weights = load_file(results.run("synchronised").path / "weights.safetensors")
    assert largest_difference(weights, expected) < 2e-3


@pytest.mark.parametrize(
    ("norm", "shape"),
    [
        (nn.BatchNorm1d(3), (8, 3)),
        (nn.BatchNorm1d(3, affine=False), (8, 3, 5)),
        (nn.BatchNorm2d(3, momentum=None), (8, 3, 4, 4)),
        (nn.BatchNorm3d(3, track_running_stats=False), (8, 3, 2, 2, 2)),
    ],
)
def test_alone_it_computes_what_torch_does(
    norm: Any, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("torchcamp.training.batch_norm.dist.all_reduce", lambda tensor: None)
    ours, theirs = nn.Sequential(copy.deepcopy(norm)), nn.Sequential(norm)
    synchronise({"network": ours})
    assert isinstance(ours[0], type(norm))
    rng = torch.Generator().manual_seed(0)
    for _ in range(2):
        x = (5 + 2 * torch.randn(shape, generator=rng)).requires_grad_()
        slopes = torch.randn(shape, generator=rng)
        results = []
        for network in (ours, theirs):
            y = network(x)
            inputs = [x, *network.parameters()]
            results.append([y, *torch.autograd.grad(y, inputs, slopes)])
        for a, b in zip(*results, strict=True):
            assert torch.allclose(a, b, atol=1e-5), (a - b).abs().max()
    for a, b in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert torch.allclose(a, b, atol=1e-5)
    x = torch.randn(shape, generator=rng)
    assert torch.allclose(ours.eval()(x), theirs.eval()(x), atol=1e-5)
    with pytest.raises(ValueError, match="expected"):
        ours.train()(torch.zeros(4))


# --- All of them -------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_recipe_of_one_network_is_sharded(tmp_path: Path):
    (tmp_path / "text.txt").write_text("To be, or not to be, that is the question. " * 60)
    names = ("cnn", "sgd", "best", "mlp", "vae", "rows", "text", "resnet18")
    results = in_two_processes(tmp_path, [job for name in names for job in both(name)])
    for name in names:
        require_same(results, name)


@pytest.mark.slow
def test_a_pair_goes_on_sharded_with_what_it_began_whole_and_back(tmp_path: Path):
    """With Adam's moments, an average and the weights that early stopping keeps."""
    command = ["cnn", "--preset", "best", "--data", "digits", "--epochs", "3", "--json", *FP32]
    command += ["--batch-size", "128", "--set", "model.channels=4,4,4", "--set", "patience=2"]
    results = in_two_processes(
        tmp_path,
        [
            {**training("straight", *command), "contiguous": True},
            {**training("whole first", *command), "contiguous": True, "stop_after": 17},
            {"name": "then sharded", "run": ["train", "--resume", "whole first/*", "--shard"]},
        ],
    )
    assert [job["code"] for job in results.jobs["whole first"]] == [130, 130]
    first, second = results.jobs["then sharded"]
    assert first["code"] == second["code"] == 0, first["err"]
    assert results.run("whole first").description()["sharded"] is True
    ours, theirs = (
        load_file(results.run(name).path / "weights.safetensors")
        for name in ("whole first", "straight")
    )
    assert largest_difference(ours, theirs) < 1e-5


@pytest.mark.slow
def test_three_sharded_processes_go_on_with_what_two_began(tmp_path: Path):
    """Of tensors with 4 rows they hold 2, 2 and none."""
    stopped = {**training("stopped", *LONGER, "--shard"), "stop_after": 17}
    in_two_processes(tmp_path, [stopped])
    again = [
        {"name": "again", "run": ["train", "--resume", "stopped/*", "--json"]},
        training("three", *LONGER, "--shard"),
    ]
    results = in_two_processes(tmp_path, again, number=3)
    for name in ("again", "three"):
        assert [job["code"] for job in results.jobs[name]] == [0, 0, 0], results.jobs[name][0]
    assert "this run had 2 processes and now has 3" in results.jobs["again"][0]["err"]
    ends = [results.run(name).rows("metrics.jsonl")[-1] for name in ("stopped", "three")]
    assert ends[0]["test_accuracy"] == pytest.approx(ends[1]["test_accuracy"], abs=0.15)
