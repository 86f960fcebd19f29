"""The training loop, the same for every model: it knows steps, batches and time.

A recipe provides a `Training`; `fit` runs its step on its batches, adds up the returned metrics on
the device, writes rows and checkpoints, evaluates after each epoch, and stops when asked. No other
code synchronises with the device.
"""

import contextlib
import functools
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from torchcamp.base.errors import Diverged, RunError, first_line
from torchcamp.base.seeding import random_state, set_random_state
from torchcamp.training.checkpoint import capture, modules, restore
from torchcamp.training.devices import autocast, synchronize
from torchcamp.training.distributed import Ranks, packed, ranks, unpacked
from torchcamp.training.early_stopping import EarlyStopping
from torchcamp.training.graphs import GraphedStep
from torchcamp.training.run_folder import RunFolder
from torchcamp.training.schedules import ScheduledValue

Step = Callable[[Any], dict[str, Tensor]]


class BatchSource(Protocol):
    """What the loop needs from batches, such as `data.batches.Batches`."""

    @property
    def steps_per_epoch(self) -> int: ...

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]: ...


@dataclass(kw_only=True)
class Training:
    """Everything the loop needs from a recipe.

    step: takes a batch, trains once, returns named scalars, detached and on the device.
    batches: an epoch's batches in a repeatable order.
    state: everything that changes while training (networks, optimizers, schedules, averaged
        weights, persistent chains). Only this is saved, restored, and switched to eval mode.
    network: the entry of `state`, or a part of one, that is evaluated, sampled and saved as weights.
    evaluate: measures of `network` as plain numbers, called after each epoch; must not disturb the
        random numbers of training.
    sample: pictures (N, 1, H, W) in [0, 1] drawn after each epoch, or None.
    notice: takes an epoch's measures, returns a warning about them as a sentence (a generator that
        collapsed), or None.
    split: buffers, as network and name, whose rows are shared out among several processes, such as
        persistent chains.
    """

    step: Step
    batches: BatchSource
    state: dict[str, Any]
    network: nn.Module
    evaluate: Callable[[], dict[str, float]]
    sample: Callable[[], Tensor] | None = None
    notice: Callable[[dict[str, float]], str | None] = lambda row: None
    split: Sequence[tuple[nn.Module, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run is, after a row of `metrics.jsonl` was written."""

    step: int
    num_steps: int
    epoch: float  # epochs done, as a fraction
    num_epochs: int
    values: dict[str, float]  # the row without step and epoch
    evaluated: bool  # whether these are the measures after an epoch
    notice: str | None  # a warning about them for the user
    steps_per_second: float

    @property
    def seconds_left(self) -> float:
        """Seconds of training left at the current pace."""
        return (self.num_steps - self.step) / max(self.steps_per_second, 1e-9)


@dataclass
class Running:
    """Sums over the steps since the last row; kept on the device until they are logged."""

    sums: dict[str, Tensor] = field(default_factory=dict)
    num_steps: int = 0

    def add(self, metrics: dict[str, Tensor]) -> None:
        for name, value in metrics.items():
            # Immediately: a replayed CUDA graph overwrites the tensors it returned. In fp32: a
            # bfloat16 sum stops growing after a few hundred terms. Detached: a recipe may return a
            # tensor with its graph, and the sum would keep every step in memory.
            total = self.sums.get(name, 0.0)
            self.sums[name] = total + value.detach().float()
        self.num_steps += 1

    def means(self) -> dict[str, float]:
        """The mean of each value, read with one device synchronisation; resets the sums."""
        if not self.sums:
            return {}
        values = torch.stack([value.float() for value in self.sums.values()]).tolist()
        means = {n: v / self.num_steps for n, v in zip(self.sums, values, strict=True)}
        self.sums, self.num_steps = {}, 0
        return means


# Longer than 60 lines: the whole loop, so that it can be read from top to bottom.
def fit(
    training: Training,
    *,
    num_epochs: int,
    device: torch.device,
    precision: str = "fp32",
    graphs: bool = False,
    run: RunFolder | None = None,
    log_every: int = 50,
    checkpoint_every: int = 1000,
    should_stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    report: Callable[[str], None] = lambda line: None,
) -> bool:
    """Train for `num_epochs`, continuing from `run`'s checkpoint if it has one.

    Where several processes train together, all call it, and the first one alone has a `run`.

    Args:
        graphs: replay the step as a CUDA graph where that can be done; see `GraphedStep`.
        run: where rows and checkpoints are written; without it nothing is written.
        log_every: steps between rows.
        checkpoint_every: steps between checkpoints inside an epoch; each epoch ends with one.
        should_stop: called after every step; if true, fit writes a checkpoint and returns.
        on_progress: called with each row.
        report: called with a sentence if `graphs` is asked for and there are none.

    Returns:
        Whether the training reached its end, or an `EarlyStopping` in its state ended it.

    Raises:
        Diverged: a value that the step returned, or a measure after an epoch, is no longer finite.
        RunError: the checkpoint does not fit the recipe, or the step could not be captured as a graph.
    """
    steps_per_epoch = training.batches.steps_per_epoch
    num_steps = num_epochs * steps_per_epoch
    running = Running()
    group = ranks()
    step = _resume(training, run, running, device, group)
    if step > num_steps and group.size == 1:
        where = run.path if run else "the run's folder"
        raise RunError(
            f"the checkpoint in {where} is damaged: it counts {step:,} steps, this run has {num_steps:,}"
        )
    graphed = None
    if graphs:
        graphed = GraphedStep(
            training.step, training.state, device, num_processes=group.size, report=report
        )
    train_step: Step = graphed or training.step
    clock = _Clock(run, device, step, graphed)
    stopper = early_stopping(training.state)

    def log(values: dict[str, float], *, evaluated: bool) -> None:
        row = {"step": step, "epoch": round(step / steps_per_epoch, 6), **values}
        notice = training.notice(row) if evaluated else None
        if run:
            run.append("metrics.jsonl", row | ({"notice": notice} if notice else {}))
        on_progress(
            Progress(
                step=step,
                num_steps=num_steps,
                epoch=step / steps_per_epoch,
                num_epochs=num_epochs,
                values=values,
                evaluated=evaluated,
                notice=notice,
                steps_per_second=clock.steps_per_second,
            )
        )

    while step < num_steps and not (stopper and stopper.stopped):
        epoch, step_in_epoch = divmod(step, steps_per_epoch)
        for batch in training.batches.epoch(epoch, start=step_in_epoch):
            with autocast(device, precision):
                metrics = train_step(batch)
            running.add(metrics)
            _advance_schedules(training.state)
            step += 1
            epoch_ends, stopping = step % steps_per_epoch == 0, group.agreed(should_stop())
            logging = epoch_ends or step % log_every == 0
            saving = epoch_ends or stopping or step % checkpoint_every == 0
            if not (logging or saving):
                continue
            clock.pause(step)
            if logging:
                values = group.mean(running.means())
                _require_finite(values, step)
                log(values | _learning_rates(training.state), evaluated=False)
            if saving:
                own = _own(training, running, group)
                group.require_equal_weights(training)
                with group.whole(training):
                    if epoch_ends:
                        with group.assembled():
                            measures = group.from_first(functools.partial(_measures, training))
                            _require_finite(measures, step, allowed=math.inf)
                            log(measures, evaluated=True)
                            if run and training.sample:
                                with _evaluating(training):
                                    run.save_samples(step // steps_per_epoch, training.sample())
                        if stopper:
                            stopper.update(measures)
                    _save(training, running, step, run, own, group)
            if stopping and step < num_steps and not (stopper and stopper.stopped):
                return False
            clock.go()
    group.detach(training)
    if stopper:
        stopper.keep_best()
        weights = group.weights(training.network)
        if run:
            run.save_weights(weights)
    group.release()
    return True


def _measures(training: Training) -> dict[str, float]:
    with _evaluating(training):
        return training.evaluate()


def _save(
    training: Training,
    running: Running,
    step: int,
    run: RunFolder | None,
    own: list[Any],
    group: Ranks,
) -> None:
    """Write the weights and a checkpoint, with what is each rank's `own` where there are several."""
    weights = group.weights(training.network)
    checkpoint = _checkpoint(training, running, step)
    if len(own) > 1:
        checkpoint["ranks"] = own
    if group.sharded and group.run:
        checkpoint["shards"] = f"checkpoint-{step}"
        folder = group.run / checkpoint["shards"]
        checkpoint["state"] = group.save_shards(checkpoint["state"], folder)

    def write() -> None:
        if run:
            run.save_weights(weights)
            run.save_checkpoint(checkpoint)

    group.from_first(write)


def early_stopping(state: Mapping[str, Any]) -> EarlyStopping | None:
    """The entry of `state` that may end the training early, if it has one."""
    return next((value for value in state.values() if isinstance(value, EarlyStopping)), None)


class _Clock:
    """Seconds spent in training steps, without capturing, evaluating, sampling and writing."""

    def __init__(
        self,
        run: RunFolder | None,
        device: torch.device,
        step: int,
        graphed: GraphedStep | None = None,
    ) -> None:
        self.run, self.device, self.step, self.graphed = run, device, step, graphed
        self.steps_per_second = 0.0
        self.captured = 0.0  # seconds, until the last pause
        self.started = time.perf_counter()

    def pause(self, step: int) -> None:
        """Stop the clock, and write a row of timing.jsonl for the steps since the last pause."""
        synchronize(self.device)
        seconds, num_steps = time.perf_counter() - self.started, step - self.step
        captured = self.graphed.capture_seconds if self.graphed else 0.0
        capturing, self.captured = captured - self.captured, captured
        self.steps_per_second = num_steps / max(seconds - capturing, 1e-9)
        self.step = step
        if self.run:
            row = {"step": step, "seconds": round(seconds - capturing, 6)}
            if capturing:
                row["capture_seconds"] = round(capturing, 6)
            self.run.append("timing.jsonl", row)

    def go(self) -> None:
        self.started = time.perf_counter()


def _checkpoint(training: Training, running: Running, step: int) -> dict[str, Any]:
    return {
        "step": step,
        "state": capture(training.state),
        "random": random_state(),
        "sums": running.sums,
        "num_summed": running.num_steps,
    }


def _own(training: Training, running: Running, group: Ranks) -> list[dict[str, Any]]:
    """What of a checkpoint is each rank's own, on the first rank; nothing where there is one."""
    if group.size == 1:
        return []
    return group.gathered(
        {
            "random": random_state(),
            "sums": running.sums,
            "tensors": {k: v.detach().cpu() for k, v in group.own_tensors(training).items()},
        }
    )


def _resume(
    training: Training,
    run: RunFolder | None,
    running: Running,
    device: torch.device,
    group: Ranks,
) -> int:
    """Restore `training` and `running` from `run`'s checkpoint; returns its step.

    Several ranks get their own random states and sums back if they are as many as those that wrote
    the checkpoint. Otherwise they draw other numbers, and the sums are shared out. A checkpoint of
    sharded tensors is read by those who go on: by each its part if they are sharded, too.
    """
    checkpoint, shards = None, None
    if run:
        checkpoint = run.load_checkpoint()
        shards = checkpoint.get("shards") if checkpoint else None
        run.sweep(shards)
        for file in ("metrics.jsonl", "timing.jsonl"):
            run.cut_rows(file, last_step=checkpoint["step"] if checkpoint else 0)
        if checkpoint and shards and not group.sharded:
            checkpoint["state"] = group.load_shards(checkpoint["state"], run.path / shards)
            del checkpoint["shards"]
    if group.size > 1:
        content = group.broadcast(packed(checkpoint) if checkpoint else None)
        checkpoint = unpacked(content) if content else None
    if checkpoint:
        try:
            shards = checkpoint.get("shards")
            if shards and group.run:
                group.attach(training)
                checkpoint["state"] = group.load_shards(checkpoint["state"], group.run / shards)
            restore(training.state, checkpoint["state"])
            set_random_state(checkpoint["random"])
            running.sums = {name: value.to(device) for name, value in checkpoint["sums"].items()}
            running.num_steps = checkpoint["num_summed"]
            if not shards:
                group.attach(training)
            _take_own(training, running, device, group, checkpoint.get("ranks", []))
        except RunError:
            raise
        except Exception as error:  # whatever torch's `load_state_dict`s raise on foreign entries
            where = run.path if run else "the run's folder"
            raise RunError(
                f"the checkpoint in {where} does not fit this recipe: {first_line(error)}"
            ) from error
        return checkpoint["step"]
    group.attach(training)
    group.reseed()
    return 0


def _take_own(
    training: Training,
    running: Running,
    device: torch.device,
    group: Ranks,
    own: list[dict[str, Any]],
) -> None:
    """Give each rank back what was its own in a checkpoint, or let it draw other numbers."""
    if own and len(own) == group.size > 1:
        mine = own[group.rank]
        set_random_state(mine["random"])
        running.sums = {name: value.to(device) for name, value in mine["sums"].items()}
        with torch.no_grad():
            for name, tensor in group.own_tensors(training).items():
                tensor.copy_(mine["tensors"][name])
        return
    group.reseed()
    if own:
        running.sums = {
            name: torch.stack([rank["sums"][name] for rank in own]).mean(0).to(device)
            for name in running.sums
        }


@contextlib.contextmanager
def _evaluating(training: Training) -> Iterator[None]:
    """Put all networks in eval mode; restore modes and random state afterwards.

    Modes are restored module by module, so a part that the recipe keeps in eval mode stays there.
    """
    everything = dict.fromkeys(
        part for network in modules(training.state) for part in network.modules()
    )
    everything |= dict.fromkeys(training.network.modules())
    modes = {part: part.training for part in everything}
    state = random_state()
    try:
        for part in modes:
            part.training = False
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes.items():
            part.training = mode
        set_random_state(state)


def _advance_schedules(state: Mapping[str, Any]) -> None:
    for value in state.values():
        if isinstance(value, (LRScheduler, ScheduledValue)):
            value.step()


def _learning_rates(state: Mapping[str, Any]) -> dict[str, float]:
    """The learning rate of each optimizer: `lr`, or `NAME_lr` where there are several."""
    rates = {
        name: float(value.param_groups[0]["lr"])
        for name, value in state.items()
        if isinstance(value, Optimizer)
    }
    if len(rates) == 1:
        return {"lr": next(iter(rates.values()))}
    return {f"{name.removesuffix('_optimizer')}_lr": rate for name, rate in rates.items()}


def _require_finite(values: dict[str, float], step: int, allowed: float = 0.0) -> None:
    """Refuse nan, and infinity unless it is `allowed`: a sequence may be impossible for an HMM."""
    for name, value in values.items():
        if math.isnan(value) or (math.isinf(value) and abs(value) != allowed):
            raise Diverged(
                f"training diverged: {name} is {value} at step {step}; try a smaller learning rate"
            )
