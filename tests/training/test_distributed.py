"""Several processes train as one: every recipe, and what N ranks compute against one process.

A pair of processes does many jobs in turn (`distributed_worker.py`), because starting it costs seconds.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from tests.cli.program import one_line, torchcamp
from tests.training.distributed_worker import set_eps
from torchcamp.base.seeding import random_state, set_random_state
from torchcamp.models import gan, mlp, rbm
from torchcamp.recipes.train import Request, prepare
from torchcamp.training.distributed import Ranks, part
from torchcamp.training.run_folder import RunFolder

WORKER = Path(__file__).with_name("distributed_worker.py")
ON_DIGITS = ["--data", "digits", "--epochs", "1", "--json"]
CNN = ["--set", "model.channels=4,4,4", "--batch-size", "100", "--lr", "0.03"]
FP32 = ["--precision", "fp32"]  # some processors would compute in bf16
EPS = 1e-3  # of the GAN's Adams
FLAGS = [  # of a training's steps: the ranks that want to stop, and what the step reduces
    *[([], "gradients"), ([0], "gradients"), ([], "gradients"), ([1], "gradients")],
    *[([0, 1], "totals"), ([], "totals"), ([1], ""), ([], ""), ([0], ""), ([], "")],
    *[([1], "gradients"), ([], ""), ([], "gradients"), ([0], "gradients"), ([], "totals")],
]


# Recipes whose steps and batches are not as ours.
STRANGE = """
import dataclasses, torch
from torchcamp.recipes import cnn, hmm


class Apart(cnn.CNNRecipe):
    def build(self, device, data=None):
        training = super().build(device, data)
        step, weight = training.step, next(training.network.parameters())

        def apart(batch):
            metrics = step(batch)
            with torch.no_grad():
                weight.add_(torch.randn(()))
            return metrics

        training.step = apart
        return training


class ByHand(cnn.CNNRecipe):
    def build(self, device, data=None):
        training = super().build(device, data)
        network, optimizer = training.network, training.state["optimizer"]

        def by_hand(batch):
            images, labels = batch
            loss = torch.nn.functional.cross_entropy(network(images), labels)
            parameters = list(network.parameters())
            for parameter, slope in zip(parameters, torch.autograd.grad(loss, parameters)):
                parameter.grad = slope
            optimizer.step()
            return {"loss": loss.detach()}

        training.step = by_hand
        return training


class Source:
    def __init__(self, batches):
        self.batches, self.steps_per_epoch = batches, batches.steps_per_epoch

    def epoch(self, epoch, start=0):
        return self.batches.epoch(epoch, start)


class Dice(hmm.DiceRecipe):
    def build(self, device, data=None):
        training = super().build(device, data)
        training.batches = Source(training.batches)
        return training


def as_before(kind, recipe):
    return kind(**{f.name: getattr(recipe, f.name) for f in dataclasses.fields(recipe)})


def apart():
    return as_before(Apart, cnn.default())


def by_hand():
    return as_before(ByHand, cnn.default())


def dice():
    return as_before(Dice, hmm.dice())
"""


@dataclass
class Results:
    """What a pair of processes did: its folder, and for each job each rank's code, out and err."""

    folder: Path
    jobs: dict[str, list[dict[str, Any]]]

    def run(self, name: str) -> RunFolder:
        """The one run that a job wrote."""
        (path,) = (self.folder / name).iterdir()
        return RunFolder.open(path)


def in_two_processes(folder: Path, jobs: list[dict[str, Any]], number: int = 2) -> Results:
    """Do `jobs` in a pair of processes that torchrun starts, or in another `number` of them."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        # What stands there already may be a copy of the package, as `make mutants` makes them.
        "PYTHONPATH": os.pathsep.join(
            filter(None, [os.environ.get("PYTHONPATH"), str(Path(__file__).parents[2])])
        ),
    }
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(number)]
    done = subprocess.run(
        [sys.executable, *command, str(WORKER), str(folder), json.dumps(jobs)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    each = [json.loads((folder / f"{rank}.json").read_text()) for rank in range(number)]
    names = [job["name"] for job in jobs]
    return Results(folder, dict(zip(names, map(list, zip(*each, strict=True)), strict=True)))


def training(name: str, recipe: str, *options: str) -> dict[str, Any]:
    """A job that trains into the folder `name`."""
    return {"name": name, "run": ["train", recipe, *options, "--out", name]}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return made_once(tmp_path_factory, "pair", done_in)


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Results]
) -> Results:
    """What `make` does in the folder `name`, once, also where pytest's workers share the tests."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "jobs.json").exists():
            (folder / "jobs.json").write_text(json.dumps(make(folder).jobs))
        return Results(folder, json.loads((folder / "jobs.json").read_text()))


def done_in(folder: Path) -> Results:
    torchcamp("new", "own", cwd=folder)
    text = "To be, or not to be, that is the question. " * 60
    (folder / "text.txt").write_text(text)
    (folder / "strange.py").write_text(STRANGE)
    alone = torchcamp("train", "mlp", *ON_DIGITS, "--out", "grown", cwd=folder)
    assert alone.returncode == 0, alone.stderr
    rewind(RunFolder.open(next((folder / "grown").iterdir())), processes=1)
    again = {"name": "stopped again", "run": ["train", "--resume", "stopped/*", "--json"]}
    grown = {"name": "grown again", "run": ["train", "--resume", "grown/*", "--json"]}
    cnn = ["--data", "digits", "--epochs", "2", "--json", *CNN]
    return in_two_processes(
        folder,
        [
            training("cnn", "cnn", *cnn),
            {**training("stopped", "cnn", *cnn), "stop_after": 17},
            {**training("shrunk", "cnn", *cnn), "stop_after": 17},
            again,
            grown,
            training("mine", "own/recipe.py:quick", *ON_DIGITS),
            training("dice", "hmm", "--data", "dice", "--epochs", "5", "--json"),
            training("text", "rnn", "--data", "text:text.txt", "--epochs", "1", "--json", *FP32),
            training("apart", "strange.py:apart", *ON_DIGITS, *CNN),
            training("by hand", "strange.py:by_hand", *ON_DIGITS, *CNN),
            training("source", "strange.py:dice", "--data", "dice", "--epochs", "5", "--json"),
            training("small", "cnn", *ON_DIGITS, "--batch-size", "1"),
            training("wrong", "cnn", "--data", "nonsense"),
            training("usage", "cnn", "--nonsense"),
            {"name": "mlp", "fit": ["mlp", "batch_size=200"]},
            {"name": "uneven", "fit": ["mlp", "batch_size=201"]},
            {"name": "rbm", "fit": ["rbm", "batch_size=101", "model.num_chains=51"]},
            {"name": "gan", "fit": ["gan", "batch_size=500"], "eps": EPS},
            {"name": "flags", "agree": FLAGS},
        ],
    )


def rewind(run: RunFolder, processes: int) -> None:
    """Take a finished run's end away: its last checkpoint is of the last step, its measures go."""
    run.describe(finished=None, processes=processes)
    (run.path / "checkpoint.pt").unlink()


def test_two_processes_write_one_run_and_one_line_of_json(results: Results):
    for name in ("cnn", "mine", "dice", "text"):
        first, second = results.jobs[name]
        assert first["code"] == second["code"] == 0, first["err"]
        answer = json.loads(first["out"])
        assert Path(answer["run"]).parts[0] == name
        assert (second["out"], second["err"]) == ("", "")
        run = results.run(name)
        description = run.description()
        assert description["processes"] == 2
        assert description["finished"]
        assert (run.path / "report.html").is_file()
    assert "2 processes, each with batch norm of its own" in results.jobs["cnn"][0]["err"]


def test_they_learn(results: Results):
    rows = [row for row in results.run("cnn").rows("metrics.jsonl") if "test_accuracy" in row]
    assert rows[-1]["test_accuracy"] > 0.5


def test_a_wrong_request_is_refused_once(results: Results):
    for name, words in (
        ("small", "a batch of 1 cannot be shared by 2 processes"),
        ("wrong", "unknown data set"),
        ("usage", "No such option"),
    ):
        first, second = results.jobs[name]
        assert first["code"] == second["code"] == 2
        assert words in first["err"]
        assert first["err"].count("torchcamp: ") == 1
        assert second["err"] == ""
        assert not (results.folder / name).exists()


# --- What they compute ---------------------------------------------------------------------


def largest_difference(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> float:
    assert ours.keys() == theirs.keys()
    return max((ours[name].double() - theirs[name].double()).abs().max().item() for name in ours)


def share_that_differ(ours: dict[str, Tensor], theirs: dict[str, Tensor], by: float) -> float:
    assert ours.keys() == theirs.keys()
    apart = [((ours[name].double() - theirs[name].double()).abs() > by) for name in ours]
    return torch.cat([each.flatten() for each in apart]).double().mean().item()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("dice", ["hmm", "--data", "dice", "--epochs", "5"]),
        ("text", ["rnn", "--data", "text:text.txt", "--epochs", "1", *FP32]),
    ],
)
def test_a_step_without_noise_is_that_of_one_process(
    results: Results, name: str, command: list[str]
):
    """Within 1e-5: sums in another order. The RNN also clips, which must see averaged gradients.

    Its Adam divides by the size of a gradient, so that where a gradient is all but zero, rounding
    decides where a weight goes: a few weights in a thousand may.
    """
    alone = torchcamp("train", *command, "--out", f"{name}-alone", cwd=results.folder)
    assert alone.returncode == 0, alone.stderr
    expected = load_file(results.run(f"{name}-alone").path / "weights.safetensors")
    weights = load_file(results.run(name).path / "weights.safetensors")
    assert share_that_differ(weights, expected, by=1e-5) < 0.01
    rows = [results.run(each).rows("metrics.jsonl") for each in (name, f"{name}-alone")]
    for ours, theirs in zip(*rows, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)


def test_batches_from_a_source_of_ones_own_are_shared_out(results: Results):
    assert results.jobs["source"][0]["code"] == 0, results.jobs["source"][0]["err"]
    ours, theirs = (
        load_file(results.run(name).path / "weights.safetensors") for name in ("source", "dice")
    )
    assert largest_difference(ours, theirs) == 0


def test_gradients_that_a_step_sets_itself_are_averaged(results: Results):
    assert [job["code"] for job in results.jobs["by hand"]] == [0, 0]


def test_a_step_that_lets_weights_come_apart_is_refused(results: Results):
    first, second = results.jobs["apart"]
    assert first["code"] == second["code"] == 2
    assert "the processes' weights have come apart" in first["err"]
    assert second["err"] == ""


class InTurn:
    """One process that takes the parts of each batch in turn, each with its rank's random numbers."""

    def __init__(self, recipe: str, *settings: str) -> None:
        _, _, self.prepared = prepare(Request(recipe, data="digits", settings=settings), print)
        self.states = []
        common = random_state()
        for rank in (0, 1):
            set_random_state(common)
            Ranks(rank, 2).reseed()
            self.states.append(random_state())
        first, second = (state["torch"] for state in self.states)
        assert not torch.equal(first, second)

    def batches(self) -> Iterator[Iterator[tuple[int, Any, float]]]:
        """For each batch, its parts: the rank, what it takes, and its share of the batch."""
        source = self.prepared.training.batches
        for number in range(source.steps_per_epoch):
            yield self._parts(source, number)

    def _parts(self, source: Any, number: int) -> Iterator[tuple[int, Any, float]]:
        for rank in (0, 1):
            set_random_state(self.states[rank])
            source.part = part(source.batch_size, rank, 2)
            share = (source.part.stop - source.part.start) / source.batch_size
            yield rank, next(source.epoch(0, start=number)), share
            self.states[rank] = random_state()


def loaded(results: Results, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    first, second = (torch.load(results.folder / f"{name}.{rank}.pt") for rank in (0, 1))
    return first, second


@pytest.mark.parametrize(("name", "batch_size"), [("mlp", 200), ("uneven", 201)])
def test_ranks_compute_gradients_as_one_process_does_in_turn(
    results: Results, name: str, batch_size: int
):
    """Within 2e-5 after an epoch, with dropout and batch norm; parts may be unequal."""
    turn = InTurn("mlp", f"batch_size={batch_size}")
    state = turn.prepared.training.state
    network, optimizer = state["network"], state["optimizer"]
    smoothing = turn.prepared.recipe.label_smoothing  # pyright: ignore[reportAttributeAccessIssue]
    for parts in turn.batches():
        optimizer.zero_grad()
        for _, (images, labels), share in parts:
            losses = mlp.mlp_loss(network, images, labels, label_smoothing=smoothing)
            (share * losses["loss"]).backward()
        optimizer.step()
        state["schedule"].step()
    expected = {k: v.detach() for k, v in network.named_parameters()}
    for end in loaded(results, name):
        weights = {k: v for k, v in end["network"].items() if k in expected}
        assert largest_difference(weights, expected) < 2e-5


def test_ranks_add_up_statistics_as_one_process_does_in_turn(results: Results):
    """The RBM's, within 1e-5, with unequal parts of the batch and of the chains."""
    turn = InTurn("rbm", "batch_size=101", "model.num_chains=51")
    state = turn.prepared.training.state
    network, optimizer = state["network"], state["optimizer"]
    chains = [network.chains[part(51, rank, 2)].clone() for rank in (0, 1)]
    for parts in turn.batches():
        sums: dict[str, Tensor] = {}
        for rank, images, _ in parts:
            for name, value in rbm.statistics(network, images, chains[rank]).items():
                sums[name] = sums[name] + value if name in sums else value
        rbm.update(network, optimizer, sums)
        state["schedule"].step()
    expected = {k: v.detach() for k, v in network.state_dict().items()}
    expected["chains"] = torch.cat(chains)
    for end in loaded(results, "rbm"):
        assert torch.equal(end["network"]["chains"], expected["chains"])
        assert largest_difference(end["network"], expected) < 1e-5


def test_two_players_step_as_in_one_process_in_turn(results: Results):
    """The GAN after two steps, within 2e-5 (newer processors round further than 1e-5), with an Adam that does not enlarge tiny gradients."""
    turn = InTurn("gan", "batch_size=500")
    state, recipe = turn.prepared.training.state, turn.prepared.recipe
    set_eps(state, EPS)
    generator, discriminator = state["generator"], state["discriminator"]
    weight = recipe.penalty_weight / 2  # pyright: ignore[reportAttributeAccessIssue]
    for parts in turn.batches():
        fakes = []
        state["d_optimizer"].zero_grad()
        for _, real, share in parts:
            fakes.append(generator(torch.randn(len(real), generator.config.latent_dim)))
            loss = gan.discriminator_loss(discriminator(real), discriminator(fakes[-1].detach()))
            penalty = gan.gradient_penalty(discriminator, real[:4])  # half of the penalty's images
            (share * (loss + weight * penalty)).backward()
        state["d_optimizer"].step()
        state["g_optimizer"].zero_grad()
        for fake in fakes:
            loss = F.softplus(-discriminator(fake)).mean() / 2
            loss.backward(inputs=list(generator.parameters()))
        state["g_optimizer"].step()
        state["g_schedule"].step()
        state["d_schedule"].step()
    for player, network in (("generator", generator), ("discriminator", discriminator)):
        expected = {k: v.detach() for k, v in network.named_parameters()}
        for end in loaded(results, "gan"):
            weights = {k: v for k, v in end[player].items() if k in expected}
            assert largest_difference(weights, expected) < 2e-5


# --- Stopping ------------------------------------------------------------------------------


def test_all_hear_of_a_wish_to_stop_one_step_later(results: Results):
    """Whichever rank has it, and whatever the steps reduce."""
    wished = [bool(wanting) for wanting, _ in FLAGS]
    for end in loaded(results, "flags"):
        assert end["agreed"] == [False, *wished[:-1]]


def test_a_wish_to_stop_goes_along_with_what_is_reduced_anyway(results: Results):
    """One reduction a step. Where nothing is reduced, the flags go by themselves, at first two at once."""
    reductions = [1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1]
    for end in loaded(results, "flags"):
        assert end["reductions"] == reductions
        for (_, what), sums in zip(FLAGS, end["sums"], strict=True):
            expected = {"gradients": [1, 2, 3], "totals": [2, 4, 6]}.get(what)
            assert expected is None or sums == pytest.approx(expected)


# --- Resuming ------------------------------------------------------------------------------


def test_a_stopped_pair_goes_on_as_if_it_had_not_stopped(results: Results):
    """The second process was asked to stop: both did, after the same step."""
    for job in results.jobs["stopped"]:
        assert job["code"] == 130
    assert "stopped; continue with" in results.jobs["stopped"][0]["err"]
    assert [job["code"] for job in results.jobs["stopped again"]] == [0, 0]
    ours, theirs = results.run("stopped"), results.run("cnn")
    for file in ("metrics.jsonl", "weights.safetensors"):
        assert (ours.path / file).read_bytes() == (theirs.path / file).read_bytes(), file


def test_one_process_goes_on_with_what_two_began(results: Results):
    stopped = results.run("shrunk")
    assert stopped.description()["finished"] is None
    step = stopped.load_checkpoint()["step"]  # pyright: ignore[reportOptionalSubscript]
    assert 17 <= step < 28
    copy = results.folder / "shrunk-alone" / stopped.path.name
    shutil.copytree(stopped.path, copy)
    alone = torchcamp("train", "--resume", str(copy), "--json", cwd=results.folder)
    assert alone.returncode == 0, alone.stderr
    assert "this run had 2 processes and now has 1" in alone.stderr
    ends = [run.rows("metrics.jsonl")[-1] for run in (RunFolder.open(copy), results.run("cnn"))]
    assert ends[0]["step"] == ends[1]["step"]
    assert ends[0]["test_accuracy"] == pytest.approx(ends[1]["test_accuracy"], abs=0.15)


def test_two_processes_go_on_with_what_one_began(results: Results):
    first, second = results.jobs["grown again"]
    assert first["code"] == second["code"] == 0, first["err"]
    assert "this run had 1 process and now has 2" in first["err"]
    assert results.run("grown").description()["processes"] == 2


def test_one_process_that_a_launcher_starts_is_an_ordinary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WORLD_SIZE", "1")
    monkeypatch.setenv("RANK", "0")
    refused = torchcamp("train", "cnn", "--data", "nonsense", cwd=tmp_path)
    assert "nonsense" in one_line(refused)


# --- All of them -------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_recipe_trains_in_two_processes(tmp_path: Path):
    small = {
        "resnet": ["--set", "model.channels=8,8,8,8", "--batch-size", "200"],
        "rbm": ["--set", "num_temperatures=100"],
    }
    names = ("mlp", "cnn", "resnet", "hmm", "rbm", "vae", "rnn", "gan", "cgan")
    jobs = [training(name, name, *ON_DIGITS, *small.get(name, [])) for name in names]
    results = in_two_processes(tmp_path, jobs)
    for name in names:
        first, second = results.jobs[name]
        assert first["code"] == second["code"] == 0, first["err"]
        assert len(first["out"].splitlines()) == 1
        assert json.loads(first["out"])["run"] == f"{name}/{results.run(name).path.name}"
        assert second["out"] == ""
