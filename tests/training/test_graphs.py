"""CUDA graphs without a GPU: an imitation repeats what a step computed, and must train as the step does.

What only a GPU can show, in `test_gpu.py`, is that CUDA captures what the imitation does.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR

from tests.recipes import test_every_setting
from tests.recipes.test_every_setting import ALIKE, SMALL, kind, small
from tests.training.imitation import imitated  # noqa: F401 - a fixture
from torchcamp.data.batches import Batches
from torchcamp.models import hmm
from torchcamp.recipes.settings import with_settings
from torchcamp.recipes.train import Reports, Request, resume, train
from torchcamp.training import graphs
from torchcamp.training.averaging import with_average
from torchcamp.training.checkpoint import capture
from torchcamp.training.loop import Progress, Training, fit
from torchcamp.training.muon import Muon
from torchcamp.training.run_folder import RunFolder

CPU = torch.device("cpu")
NUM_STEPS = 20
NUM_ORDINARY = graphs.NUM_UNWATCHED + graphs.NUM_WATCHED

data = test_every_setting.data  # a fixture
Made = list[Any]  # GraphedStep, each with an imitated graph


@dataclass
class Result:
    rows: list[dict[str, float]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)


def trained(
    training: Training, *, graphs: bool, precision: str = "fp32", device: torch.device = CPU
) -> Result:
    """Every step's scalars and the state after `NUM_STEPS` or a few more, without any measures."""
    training.evaluate = lambda: {"validation_loss": 1.0}  # what early stopping asks for
    training.sample, training.notice = None, lambda row: None
    result = Result()

    def add(progress: Progress) -> None:
        result.rows.append(progress.values)

    fit(
        training,
        num_epochs=-(-NUM_STEPS // training.batches.steps_per_epoch),
        device=device,
        precision=precision,
        graphs=graphs,
        log_every=1,
        on_progress=add,
        report=result.said.append,
    )
    result.state = capture(training.state)
    return result


def of_recipe(
    preset: str,
    data: dict[str, tuple[str, str]],
    settings: list[str],
    device: torch.device = CPU,
) -> Training:
    recipe = with_settings(small(preset, data), settings)
    dataset = recipe.load()
    epochs = NUM_STEPS if kind(preset) in ("dice", "sequences") else 7
    training: Training = replace(recipe.for_data(dataset), epochs=epochs).build(device, dataset)
    return training


def assert_same(found: Any, expected: Any) -> None:
    """Equal bit for bit, as far as a nan can be."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert_same(found[name], value)
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, Tensor):
        assert found.dtype == expected.dtype
        torch.testing.assert_close(found, expected, rtol=0, atol=0, equal_nan=True)
    elif isinstance(expected, float):
        assert found == expected or (math.isnan(found) and math.isnan(expected))
    else:
        assert found == expected


# --- Every recipe ----------------------------------------------------------------------

OFTEN = {"resnet:default", "hmm:default", "rbm:default", "gan:default"}
CASES = [
    *(pytest.param(each, [], "fp32", id=each) for each in sorted(OFTEN)),
    *(
        pytest.param(each, [], "fp32", id=each, marks=pytest.mark.slow)
        for each in sorted(SMALL.keys() - OFTEN)
    ),
    *(
        pytest.param(each, [], "bf16", id=f"{each}-bf16", marks=pytest.mark.slow)
        for each in sorted(SMALL.keys() - ALIKE)
        if not each.startswith("hmm:")
    ),
    *(
        pytest.param(preset, settings, "fp32", id=" ".join([preset, *settings]), marks=pytest.mark.slow)
        for preset, settings in (
            ("cnn:default", ["average_decay=0.9", "distort=true", "patience=30", "flip=true"]),
            ("mlp:default", ["freeze=features", "average_decay=0.9"]),
            ("resnet:default", ["average_decay=0.9"]),
            ("rbm:default", ["persistent=false", "num_gibbs_steps=3", "centred=false"]),
            ("vae:default", ["average_decay=0.9", "pixels=grey"]),
            ("rnn:default", ["pixels=dynamic"]),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("preset", "settings", "precision"), CASES)
def test_every_recipe_trains_with_graphs_as_without(
    preset: str,
    settings: list[str],
    precision: str,
    data: dict[str, tuple[str, str]],
    imitated: Made,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    """No host reads, the same calls in each step, and the same numbers in the end, bit for bit."""
    with monkeypatch.context() as patch:
        # Its last sum is rounded otherwise where the rate is in a tensor: see `test_muon.py`.
        move = Muon._move

        def with_tensor(self: Muon, parameter: Tensor, gradient: Tensor, group: Any) -> None:
            rate = torch.tensor(group["lr"], dtype=graphs.RATE_DTYPE)
            move(self, parameter, gradient, group | {"lr": rate})

        patch.setattr(Muon, "_move", with_tensor)
        expected = trained(of_recipe(preset, data, settings), graphs=False, precision=precision)
    found = trained(of_recipe(preset, data, settings), graphs=True, precision=precision)
    assert found.said == []
    (step,) = imitated
    assert step.is_captured
    num_steps = len(found.rows) - sum("validation_loss" in row for row in found.rows)
    assert num_steps >= NUM_STEPS
    assert step._graph.num_replays == num_steps - NUM_ORDINARY
    assert_same([found.rows, found.state], [expected.rows, expected.state])


@pytest.mark.parametrize("graphs", [True, False])
def test_a_run_stops_and_resumes_as_without_graphs(
    tmp_path: Path,
    imitated: Made,  # noqa: F811
    graphs: bool,
):
    """Stopped after the capture, resumed with graphs as it began, or without where that is asked for."""

    def begin(out: str, graphs: bool | None, stop_after: int = 0) -> Path:
        steps = iter(range(1, 1000))
        request = Request(
            "cnn",
            settings=["channels=2,3,4", "average_decay=0.9", "max_shift=1", "batch_size=100"],
            data="digits",
            epochs=2,
            seed=3,
            device="cpu",
            precision="fp32",
            graphs=graphs,
            out=tmp_path / out,
            log_every=2,
        )
        outcome = train(request, Reports(should_stop=lambda: next(steps) == stop_after))
        assert outcome.finished == (stop_after == 0)
        return outcome.run

    whole, part = begin("whole", None), begin("part", True, stop_after=9)
    assert RunFolder.open(part).description()["graphs"] is True
    assert len(imitated) == 1
    outcome = resume(part, Request(graphs=None if graphs else False))
    assert len(imitated) == 1 + graphs
    assert all(step.is_captured for step in imitated)
    for file in ("metrics.jsonl", "weights.safetensors"):
        assert (part / file).read_bytes() == (whole / file).read_bytes()
    run = RunFolder.open(part)
    assert run.description()["graphs"] is graphs
    captured = sum(step.capture_seconds for step in imitated)
    assert captured > 0
    assert outcome.capture_seconds == pytest.approx(captured, abs=1e-5)
    assert run.description()["capture_seconds"] == outcome.capture_seconds
    assert RunFolder.open(whole).description()["capture_seconds"] == 0


def test_capturing_counts_apart_from_training(tmp_path: Path, imitated: Made, monkeypatch):  # noqa: F811
    now = [0.0]
    monkeypatch.setattr("torchcamp.training.loop.time.perf_counter", lambda: now[0])
    training = toy()
    step = training.step

    def slow(batch: Tensor) -> dict[str, Tensor]:
        now[0] += 1.0  # each time that Python runs it
        return step(batch)

    training.step = slow
    run = RunFolder.create(tmp_path, "toy")
    fit(training, num_epochs=1, device=CPU, graphs=True, run=run, log_every=2)
    rows = run.rows("timing.jsonl")
    assert [row["seconds"] for row in rows] == [2, 1, 0, 0, 0]
    assert [row.get("capture_seconds") for row in rows] == [None, 1, None, None, None]
    assert (run.train_seconds, run.capture_seconds) == (3, 1)


# --- Steps that no graph can repeat ----------------------------------------------------


def toy(
    step_of: Callable[..., Callable[[Any], Tensor]] | None = None,
    prepare: Callable[[Tensor], Any] = lambda x: x,
) -> Training:
    """Ten steps an epoch of a linear network; `step_of(network)` may give another loss."""
    torch.manual_seed(0)
    network = nn.Linear(4, 4)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, fused=True)
    loss_of = step_of(network) if step_of else lambda x: (network(x) - x).square().mean()

    def step(batch: Any) -> dict[str, Tensor]:
        loss = loss_of(batch)
        network.zero_grad()
        loss.backward()
        training.state["optimizer"].step()
        return {"loss": loss.detach()}

    training = Training(
        step=step,
        batches=Batches(torch.randn(50, 4), batch_size=5, prepare=prepare),
        state={
            "network": network,
            "optimizer": optimizer,
            "schedule": LambdaLR(optimizer, lambda step: 1 / (1 + step)),
        },
        network=network,
        evaluate=dict,
    )
    return training


def counts_in_python(network: nn.Module) -> Callable[[Tensor], Tensor]:
    steps = [0]

    def loss(x: Tensor) -> Tensor:
        steps[0] += 1
        return (network(x) - x).square().mean() * 0.9 ** steps[0]

    return loss


def branches(network: nn.Module) -> Callable[[Tensor], Tensor]:
    steps = [0]

    def loss(x: Tensor) -> Tensor:
        steps[0] += 1
        return (network(x).abs() if steps[0] % 2 else network(x)).mean()

    return loss


def reads(network: nn.Module) -> Callable[[Tensor], Tensor]:
    return lambda x: (network(x) - x).square().mean() / max(1.0, x.abs().max().item())


def masks(network: nn.Module) -> Callable[[Tensor], Tensor]:
    return lambda x: network(x)[x > 0].mean()


def makes_tensors(network: nn.Module) -> Callable[[Tensor], Tensor]:
    return lambda x: network(x).square().mean() * torch.tensor(2.0)


def carries(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """Each step begins where the last one ended, in a new tensor."""
    last = [torch.zeros(5, 4)]

    def loss(x: Tensor) -> Tensor:
        answer = network(x + last[0])
        last[0] = answer.detach()
        return answer.square().mean()

    return loss


@pytest.mark.parametrize(
    ("step_of", "reason"),
    [
        (counts_in_python, "two steps in a row differ: aten.mul"),
        (branches, "two steps in a row differ: call"),
        (reads, "waits for values of the device (aten::_local_scalar_dense)"),
        (masks, "waits for values of the device (aten::index)"),
        (makes_tensors, "a tensor of Python's numbers"),
        (carries, "two steps in a row differ: aten.add"),
    ],
)
def test_a_step_that_no_graph_can_repeat_is_left_as_it_is(
    step_of: Callable[..., Any],
    reason: str,
    imitated: Made,  # noqa: F811
):
    expected = trained(toy(step_of), graphs=False)
    found = trained(toy(step_of), graphs=True)
    (said,) = found.said
    assert said.startswith("no CUDA graphs: ")
    assert reason in said
    assert not imitated[0].is_captured
    assert_same([found.rows, found.state], [expected.rows, expected.state])


@pytest.mark.parametrize("step_of", [counts_in_python, carries])
def test_the_imitation_would_show_what_a_graph_cannot_repeat(
    step_of: Callable[..., Any],
    imitated: Made,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(graphs, "difference", lambda before, after: None)
    expected, found = trained(toy(step_of), graphs=False), trained(toy(step_of), graphs=True)
    assert imitated[0].is_captured
    assert found.rows[:NUM_ORDINARY] == expected.rows[:NUM_ORDINARY]
    assert found.rows[-2] != pytest.approx(expected.rows[-2], rel=1e-3)


def test_a_schedule_of_momentum_ends_the_replays(imitated: Made):  # noqa: F811
    def cycled() -> Training:
        training = toy()
        optimizer = training.state["optimizer"]
        training.state["schedule"] = OneCycleLR(optimizer, 0.1, total_steps=NUM_STEPS + 1)
        return training

    expected, found = trained(cycled(), graphs=False), trained(cycled(), graphs=True)
    assert "two steps in a row differ: aten._fused_sgd_" in found.said[0]
    assert_same([found.rows, found.state], [expected.rows, expected.state])

    def later() -> Training:
        """It changes only after the capture."""
        training = toy()
        step, steps = training.step, [0]

        class Schedule(LambdaLR):
            def step(self, epoch: int | None = None) -> None:
                super().step(epoch)
                steps[0] += 1
                if steps[0] == 12:
                    self.optimizer.param_groups[0]["momentum"] = 0.5

        training.step = step
        training.state["schedule"] = Schedule(training.state["optimizer"], lambda step: 1.0)
        return training

    expected, found = trained(later(), graphs=False), trained(later(), graphs=True)
    assert "more of an optimizer than its rate" in found.said[0]
    assert imitated[-1].capture_seconds > 0
    assert_same([found.rows, found.state], [expected.rows, expected.state])


def test_batches_of_other_shapes_are_trained_on_without_the_graph(imitated: Made):  # noqa: F811
    def uneven() -> Training:
        calls = [0]

        def prepare(x: Tensor) -> Tensor:
            calls[0] += 1
            return x[:3] if calls[0] % 5 == 2 else x

        return toy(prepare=prepare)

    expected, found = trained(uneven(), graphs=False), trained(uneven(), graphs=True)
    assert imitated[0]._graph.num_replays == NUM_STEPS - NUM_STEPS // 5 - NUM_ORDINARY
    assert_same([found.rows, found.state], [expected.rows, expected.state])


def test_a_batch_that_is_no_tensor_is_refused(imitated: Made):  # noqa: F811
    training = toy(prepare=lambda x: {"x": x})
    step = training.step
    training.step = lambda batch: step(batch["x"])
    assert "neither a tensor nor a tuple" in trained(training, graphs=True).said[0]


def test_an_average_is_counted_on_in_replays(imitated: Made):  # noqa: F811
    def averaged() -> Training:
        training = toy()
        training.step, _ = with_average(training.step, training.network, 0.9, training.state)
        return training

    expected, found = trained(averaged(), graphs=False), trained(averaged(), graphs=True)
    assert found.state["average"]["n_averaged"] == NUM_STEPS
    assert_same(found.state, expected.state)


# --- What does not lie on the device ---------------------------------------------------


def test_why_there_are_no_graphs():
    assert "the device is cpu" in str(graphs.why_not(CPU, 1))
    assert "2 processes" in str(graphs.why_not(torch.device("cuda"), 2))
    assert graphs.why_not(torch.device("cuda"), 1) is None


def test_copies_to_another_device_are_noticed():
    """The device `meta` stands for a GPU."""
    device = torch.device("meta")
    for copy in (
        lambda x: torch.ones(3).to(device),
        lambda x: x.copy_(torch.ones(3)),
    ):
        x = torch.ones(3, device=device)
        with graphs.Watch([x], device, []) as watch:
            copy(x)
        assert "copies between cpu and meta" in str(watch.obstacle)
    with graphs.Watch([x], device, []) as watch:
        x.add_(torch.ones(()))  # a number: it is passed along
        torch.ones(3).add_(1)
    assert watch.obstacle is None
    assert len(watch.calls) == 1


@pytest.mark.parametrize("options", [{}, {"foreach": True}, {"fused": True}])
def test_an_optimizer_that_counts_on_the_cpu_is_refused(options: dict[str, Any], imitated: Made):  # noqa: F811
    training = toy()
    optimizer = torch.optim.AdamW(training.network.parameters(), **options)
    training.state |= {"optimizer": optimizer, "schedule": LambdaLR(optimizer, lambda step: 0.5)}
    said = trained(training, graphs=True).said
    if "fused" in options:
        assert said == []
    else:
        assert "AdamW counts its steps on the CPU; give it fused=True" in said[0]


def test_a_failed_capture_says_how_to_go_on(imitated: Made, monkeypatch: pytest.MonkeyPatch):  # noqa: F811
    def fail(self: Any, function: Any) -> None:
        raise RuntimeError("operation not permitted when stream is capturing\nmore")

    monkeypatch.setattr("tests.training.imitation.ImitatedGraph.capture", fail)
    training = toy()
    with pytest.raises(graphs.RunError, match=r"stream is capturing; .*--no-graphs"):
        trained(training, graphs=True)
    assert isinstance(training.state["optimizer"].param_groups[0]["lr"], float)


def test_masks_of_an_hmm_change_nothing_where_no_sequence_ends_early(
    monkeypatch: pytest.MonkeyPatch,
):
    """So a GPU, which is not asked whether one does, computes the same."""
    torch.manual_seed(0)
    for bernoulli in (True, False):
        network = hmm.HMM(hmm.HMMConfig(num_states=3, num_symbols=4, bernoulli=bernoulli))
        symbols = (torch.rand(6, 9, 4) < 0.5).float() if bernoulli else torch.randint(4, (6, 9))
        batch = (symbols, torch.full((6,), 9))
        assert not hmm.some_end_early(symbols.transpose(0, 1), batch[1])
        expected = hmm.statistics(network, batch)
        with monkeypatch.context() as patch:
            patch.setattr(hmm, "some_end_early", lambda symbols, lengths: True)
            assert_same(hmm.statistics(network, batch), expected)
    assert hmm.some_end_early(symbols.transpose(0, 1), torch.tensor([9, 9, 8, 9, 9, 9]))


def test_timing_rows_hold_no_capture_without_graphs(tmp_path: Path):
    run = RunFolder.create(tmp_path, "toy")
    fit(toy(), num_epochs=1, device=CPU, run=run)
    rows = [
        json.loads(line) for line in (run.path / "timing.jsonl").read_text("utf-8").splitlines()
    ]
    assert all(row.keys() == {"step", "seconds"} for row in rows)
