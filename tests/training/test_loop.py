"""The loop carries every kind of training: backprop, two players, statistics and update, chains.

Each toy is what a later model will be, in a few lines; each is stopped at every kind of place,
resumed in fresh objects, and compared bit for bit with the run that was not stopped.
"""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tests.described import described
from torchcamp.base.errors import Diverged, RunError
from torchcamp.base.seeding import seed_everything
from torchcamp.data.batches import Batches
from torchcamp.training.averaging import with_average
from torchcamp.training.early_stopping import EarlyStopping
from torchcamp.training.loop import Progress, Running, Training, fit
from torchcamp.training.run_folder import RunFolder
from torchcamp.training.schedules import warmup_then_linear

CPU = torch.device("cpu")
NUM_EPOCHS = 3


def data() -> Tensor:
    return torch.rand(50, 6, generator=torch.Generator().manual_seed(1)) - 0.3


def batches() -> Batches:
    return Batches(data(), batch_size=8, seed=0, prepare=lambda x: x + 0.01 * torch.randn_like(x))


# --- Backprop with dropout, batch norm, a schedule and averaged weights -----------------------


def backprop() -> Training:
    seed_everything(0)
    network = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 6))
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    source = batches()
    schedule = LambdaLR(
        optimizer, warmup_then_linear(NUM_EPOCHS * source.steps_per_epoch, warmup=0.3)
    )
    state = {"network": network, "optimizer": optimizer, "schedule": schedule}

    def step(x: Tensor) -> dict[str, Tensor]:
        loss = (network(x) - x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return {"loss": loss.detach()}

    averaging_step, average = with_average(step, network, 0.9, state)
    return Training(
        step=averaging_step,
        batches=source,
        state=state,
        network=average,
        evaluate=lambda: {"error": (average(data()) - data()).square().mean().item()},
    )


def test_without_a_decay_nothing_is_averaged():
    network, state = nn.Linear(2, 2), {}

    def step(x: Tensor) -> dict[str, Tensor]:
        return {"loss": x}

    assert with_average(step, network, 0.0, state) == (step, network)
    assert state == {}


def test_the_average_is_torchs():
    """Bit for bit, with batch norm's buffers, of which one counts."""

    def make() -> nn.Module:
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8))

    network, state = make(), {}

    def step(x: Tensor) -> dict[str, Tensor]:
        network(x)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(torch.randn_like(parameter))
        return {}

    averaging_step, _ = with_average(step, network, 0.9, state)
    torchs = AveragedModel(make(), multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
    for _ in range(5):
        averaging_step(data())
        torchs.update_parameters(network)
        ours, expected = state["average"].state_dict(), torchs.state_dict()
        assert ours.keys() == expected.keys()
        assert all(torch.equal(ours[name], value) for name, value in expected.items())
    assert state["average"].n_averaged == 5


# --- Two players, a frozen network in eval mode, a value that a schedule writes ---------------


class Ramp:
    """A 0-dim tensor that grows with the steps: what varies is a value in `state`."""

    def __init__(self, value: Tensor) -> None:
        self.value = value

    def step(self) -> None:
        self.value.add_(0.1).clamp_(max=1.0)


def two_players() -> Training:
    seed_everything(0)
    generator, discriminator = nn.Linear(3, 6), nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 1))
    frozen = nn.BatchNorm1d(6).eval().requires_grad_(False)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=0.01)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=0.01)
    weight = torch.zeros(())
    ramp = Ramp(weight)
    fixed = torch.randn(4, 3)

    def step(real: Tensor) -> dict[str, Tensor]:
        assert not frozen.training
        fake = frozen(generator(torch.randn(len(real), 3)))
        d_loss = (
            nn.functional.softplus(-discriminator(real)).mean()
            + nn.functional.softplus(discriminator(fake.detach())).mean()
        )
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        g_loss = weight * nn.functional.softplus(-discriminator(fake)).mean()
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        ramp.step()
        return {"d_loss": d_loss.detach(), "g_loss": g_loss.detach()}

    return Training(
        step=step,
        batches=batches(),
        state={
            "generator": generator,
            "discriminator": discriminator,
            "frozen": frozen,
            "g_optimizer": g_optimizer,
            "d_optimizer": d_optimizer,
            "schedules": {"weight": weight},
        },
        network=generator,
        evaluate=lambda: {"spread": generator(fixed).std().item()},
        sample=lambda: generator(torch.randn(4, 3)).sigmoid().view(4, 1, 2, 3),
    )


# --- Statistics and update, with a persistent chain and `.grad` set by hand (an RBM) ----------


def persistent_chain() -> Training:
    seed_everything(0)
    network = nn.Linear(6, 4)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.5)
    chain = torch.zeros(8, 6)

    def statistics(x: Tensor) -> dict[str, Tensor]:
        hidden = (network(chain).sigmoid() > torch.rand(8, 4)).float()
        chain.copy_(((hidden @ network.weight).sigmoid() > torch.rand(8, 6)).float())
        return {"data": network(x).sigmoid().T @ x, "model": network(chain).sigmoid().T @ chain}

    def update(sums: dict[str, Tensor]) -> dict[str, Tensor]:
        network.weight.grad = (sums["model"] - sums["data"]) / 8
        optimizer.step()
        return {"difference": network.weight.grad.abs().mean()}

    @torch.no_grad()
    def step(x: Tensor) -> dict[str, Tensor]:
        return update(statistics(x))

    return Training(
        step=step,
        batches=batches(),
        state={"network": network, "optimizer": optimizer, "chain": chain},
        network=network,
        evaluate=lambda: {"chain": chain.mean().item()},
    )


# --- Expectation-maximisation: counts over the whole set, no gradient at all (an HMM) ---------


def expectation_maximisation() -> Training:
    seed_everything(0)
    network = nn.Module()
    network.register_buffer("centres", torch.randn(3, 6))
    centres: Tensor = network.centres  # type: ignore[assignment]
    counts = {"weight": torch.zeros(3), "sum": torch.zeros(3, 6)}

    def step(x: Tensor) -> dict[str, Tensor]:
        posterior = (-torch.cdist(x, centres)).softmax(dim=1)
        counts["weight"].mul_(0.9).add_(posterior.sum(dim=0))
        counts["sum"].mul_(0.9).add_(posterior.T @ x)
        centres.copy_(counts["sum"] / counts["weight"][:, None])
        return {"weight": counts["weight"].sum()}

    return Training(
        step=step,
        batches=Batches(data(), batch_size=50, prepare=lambda x: x),
        state={"network": network, "counts": counts},
        network=network,
        evaluate=lambda: {"norm": centres.norm().item()},
    )


# --- Backprop that ends when a measure no longer falls ---------------------------------------


def ends_early() -> Training:
    """Of three epochs the second is the last: its measure is not below the first one's."""
    training = backprop()
    stopper = EarlyStopping(training.network, "error", patience=1)
    training.state["early_stopping"] = stopper
    measures = [{"error": 0.5}, {"error": 0.75}, {"error": 0.25}]
    training.evaluate = lambda: measures[stopper.num_epochs]
    return training


TOYS = [backprop, two_players, persistent_chain, expectation_maximisation, ends_early]


def new_run(folder: Path) -> RunFolder:
    run = RunFolder.create(folder, "toy")
    run.describe(**described())
    return run


def content(run: RunFolder) -> dict[str, Any]:
    checkpoint = run.load_checkpoint()
    assert checkpoint is not None
    return {
        "metrics": (run.path / "metrics.jsonl").read_text(),
        "weights": (run.path / "weights.safetensors").read_bytes(),
        "state": checkpoint["state"],
        "random": checkpoint["random"],
        "samples": {f.name: f.read_bytes() for f in sorted(run.path.glob("samples/*"))},
        "files": sorted(str(f.relative_to(run.path)) for f in run.path.rglob("*")),
    }


def assert_equal(left: Any, right: Any, where: str = "") -> None:
    if isinstance(left, Tensor):
        assert torch.equal(left, right), where
    elif isinstance(left, dict):
        assert left.keys() == right.keys(), where
        for key in left:
            assert_equal(left[key], right[key], f"{where}.{key}")
    elif isinstance(left, list | tuple):
        assert len(left) == len(right), where
        for number, (a, b) in enumerate(zip(left, right, strict=True)):
            assert_equal(a, b, f"{where}[{number}]")
    else:
        assert left == right, where


def train(toy: Callable[[], Training], run: RunFolder | None, stop_after: int = 10**9) -> bool:
    training = toy()
    steps = 0

    def count(step: Callable[[Any], dict[str, Tensor]], batch: Any) -> dict[str, Tensor]:
        nonlocal steps
        steps += 1
        return step(batch)

    training.step = functools.partial(count, training.step)
    return fit(
        training,
        num_epochs=NUM_EPOCHS,
        device=CPU,
        run=run,
        log_every=4,
        checkpoint_every=5,
        should_stop=lambda: steps >= stop_after,
    )


@pytest.mark.parametrize("toy", TOYS)
def test_stopped_and_resumed_equals_uninterrupted(tmp_path: Path, toy: Callable[[], Training]):
    straight = new_run(tmp_path / "straight")
    assert train(toy, straight)
    num_steps = (2 if toy is ends_early else NUM_EPOCHS) * toy().batches.steps_per_epoch
    for stop_after in sorted({1, min(3, num_steps - 1), num_steps // 3, num_steps - 1}):
        run = new_run(tmp_path / f"stopped-{stop_after}")
        assert not train(toy, run, stop_after)
        torch.manual_seed(99)  # another process has drawn other numbers
        assert train(toy, run)
        assert_equal(content(straight), content(run), f"stopped after {stop_after}")


def test_early_stopping_ends_the_training_and_keeps_the_best_weights(tmp_path: Path):
    training, run = ends_early(), new_run(tmp_path)
    after_each_epoch = []
    evaluate = training.evaluate

    def remember() -> dict[str, float]:
        weights = training.network.state_dict()
        after_each_epoch.append({name: value.clone() for name, value in weights.items()})
        return evaluate()

    training.evaluate = remember
    assert fit(training, num_epochs=3, device=CPU, run=run)
    assert len(after_each_epoch) == 2
    assert training.state["early_stopping"].best_epoch == 1
    assert_equal(dict(training.network.state_dict()), after_each_epoch[0])
    assert_equal(run.load_weights(), after_each_epoch[0])


def test_patience_is_the_number_of_epochs_without_a_new_best():
    stopper = EarlyStopping(nn.Linear(1, 1), "loss", patience=2)
    stopped = []
    for loss in (3.0, 2.0, 2.5, 1.0, 1.0, 1.5):
        stopper.update({"loss": loss})
        stopped.append(stopper.stopped)
    assert stopped == [False, False, False, False, False, True]
    assert (stopper.best, stopper.best_epoch) == (1.0, 4)


@pytest.mark.parametrize("toy", TOYS)
def test_evaluating_does_not_change_the_training(toy: Callable[[], Training]):
    """The same weights come out when the measures and samples draw random numbers or none."""
    plain, noisy = toy(), toy()
    before = noisy.evaluate
    noisy.evaluate = lambda: before() | {"drawn": torch.rand(()).item()}
    noisy.sample = lambda: torch.rand(1, 1, 2, 2)
    for training in (plain, noisy):
        seed_everything(5)
        fit(training, num_epochs=2, device=CPU)
    assert_equal(dict(plain.network.state_dict()), dict(noisy.network.state_dict()))


def test_modes_are_eval_while_evaluating_and_each_ones_own_afterwards():
    training = backprop()
    network = training.state["network"]
    network[1].eval()  # one layer that the recipe keeps in eval mode
    seen = []
    training.evaluate = lambda: seen.append([m.training for m in network]) or {}
    fit(training, num_epochs=1, device=CPU)
    assert seen == [[False] * 4]
    assert [m.training for m in network] == [True, False, True, True]
    assert training.network.training


def test_rows_hold_no_clock_and_timing_holds_every_step(tmp_path: Path):
    run = new_run(tmp_path)
    train(backprop, run)
    rows = run.rows("metrics.jsonl")
    assert {key for row in rows for key in row} == {"step", "epoch", "loss", "lr", "error"}
    assert [row["step"] for row in rows if "loss" in row] == [4, 6, 8, 12, 16, 18]
    assert run.rows("timing.jsonl")[-1]["step"] == 18
    assert run.train_seconds > 0


def stepping(step: Callable[[Any], dict[str, Tensor]]) -> Training:
    """A training whose step only returns numbers."""
    training = backprop()
    training.step = step
    del training.state["schedule"]  # it would warn that its optimizer never stepped
    return training


def test_means_are_over_the_steps_since_the_last_row():
    values = iter(range(100))
    training = stepping(lambda batch: {"loss": torch.tensor(float(next(values)))})
    rows: list[Progress] = []
    fit(training, num_epochs=1, device=CPU, log_every=4, on_progress=rows.append)
    assert [row.values.get("loss") for row in rows] == [1.5, 4.5, None]


def test_a_metric_that_still_has_its_graph_keeps_no_step_in_memory():
    weight = torch.tensor(3.0, requires_grad=True)
    running = Running()
    for _ in range(2):
        running.add({"loss": weight * 2})
    assert not running.sums["loss"].requires_grad
    assert running.means() == {"loss": 6.0}


def test_a_metric_that_is_overwritten_by_the_next_step_is_still_added_up():
    """As the static outputs of a captured graph are."""
    output = torch.zeros(())
    values = iter([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    training = stepping(lambda batch: {"loss": output.fill_(next(values))})
    rows: list[Progress] = []
    fit(training, num_epochs=1, device=CPU, log_every=6, on_progress=rows.append)
    assert rows[0].values["loss"] == 3.5


def test_nonsense_ends_the_run(tmp_path: Path):
    training = stepping(lambda batch: {"loss": torch.tensor(float("nan"))})
    with pytest.raises(Diverged, match="loss is nan at step 4"):
        fit(training, num_epochs=1, device=CPU, run=new_run(tmp_path), log_every=4)


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path):
    run = new_run(tmp_path)
    train(backprop, run, stop_after=3)
    with pytest.raises(RunError, match="does not fit"):
        train(two_players, run)


def test_rows_after_the_checkpoint_are_cut(tmp_path: Path):
    """A run killed between a row and its checkpoint, in the middle of writing a line."""
    straight, run = new_run(tmp_path / "a"), new_run(tmp_path / "b")
    train(backprop, straight)
    train(backprop, run, stop_after=5)
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"step": 8, "epoch": 1.3, "loss": 1e9}) + '\n{"step": 9, "lo')
    (run.path / ".checkpoint.pt-abc.part").write_bytes(b"half")
    train(backprop, run)
    assert_equal(content(straight), content(run))


def test_a_state_that_cannot_be_saved_is_refused(tmp_path: Path):
    training = backprop()
    training.state["count"] = 3
    with pytest.raises(TypeError, match=r"state\['count'\] has type int"):
        fit(training, num_epochs=1, device=CPU, run=new_run(tmp_path))


def test_progress_knows_the_time_left():
    rows: list[Progress] = []
    fit(backprop(), num_epochs=2, device=CPU, log_every=3, on_progress=rows.append)
    assert [row.step for row in rows] == [3, 6, 6, 9, 12, 12]
    assert rows[-1].seconds_left == 0
    assert rows[0].seconds_left > 0
    assert [row.evaluated for row in rows] == [False, False, True] * 2


@pytest.mark.parametrize(("toy", "names"), [(backprop, {"lr"}), (two_players, {"g_lr", "d_lr"})])
def test_a_row_holds_the_rate_of_each_optimizer(toy: Callable[[], Training], names: set[str]):
    rows: list[Progress] = []
    fit(toy(), num_epochs=1, device=CPU, log_every=2, on_progress=rows.append)
    rates = {name: value for name, value in rows[0].values.items() if name.endswith("lr")}
    assert rates.keys() == names
    if toy is two_players:
        assert set(rates.values()) == {0.01}
    else:  # the schedule's factor after two steps of six epochs' warm-up, as the third will take
        factor = warmup_then_linear(NUM_EPOCHS * 6, warmup=0.3)
        assert rates["lr"] == pytest.approx(0.01 * factor(2))


def test_averaged_weights_average_the_buffers_of_batch_norm_too():
    """Each is the running average, decay 0.75, of the network's own after every step."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(6, 3), nn.BatchNorm1d(3))
    expected: dict[str, Tensor] = {}

    def step(x: Tensor) -> dict[str, Tensor]:
        network(x)
        with torch.no_grad():
            network[0].weight.add_(0.1)  # type: ignore[operator]
        for name in ("0.weight", "1.running_mean", "1.running_var"):
            now = network.state_dict()[name].clone()
            # The first step begins the average.
            before = expected.get(name)
            expected[name] = now if before is None else 0.75 * before + 0.25 * now
        return {}

    state: dict[str, Any] = {}
    step_and_average, averaged = with_average(step, network, 0.75, state)
    for batch in data()[:40].split(8):
        step_and_average(batch)
    ours = averaged.state_dict()
    assert state["average"].module is averaged
    for name, value in expected.items():
        torch.testing.assert_close(ours[name], value)
        assert not torch.allclose(ours[name], network.state_dict()[name])


def test_a_notice_is_told_and_kept(tmp_path: Path):
    run = RunFolder.create(tmp_path, "toy")
    training = backprop()
    training.notice = lambda row: f"epoch {row['epoch']:.0f}!" if row["epoch"] >= 2 else None
    told: list[str | None] = []
    fit(
        training,
        num_epochs=3,
        device=CPU,
        run=run,
        on_progress=lambda p: told.append(p.notice) if p.evaluated else None,
    )
    assert told == [None, "epoch 2!", "epoch 3!"]
    assert [row["notice"] for row in run.rows("metrics.jsonl") if "notice" in row] == told[1:]


def test_sums_of_low_precision_do_not_stop_growing():
    """1 + 256 is 256 in bfloat16: a mean over many steps must be added up in more bits."""
    running = Running()
    for _ in range(1000):
        running.add({"loss": torch.ones((), dtype=torch.bfloat16)})
    assert running.means() == {"loss": 1.0}
