"""The one loop: it knows steps, batches and time, and no model.

A recipe hands over a `Training`; `fit` runs its step on its batches, adds up what the steps
return on the device, writes rows and checkpoints, evaluates between epochs, and stops when asked.
It is the only place that waits for the device.
"""

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from torchcamp.base.errors import Diverged, RunError
from torchcamp.base.seeding import random_state, set_random_state
from torchcamp.training.checkpoint import capture, modules, restore
from torchcamp.training.devices import autocast, synchronize
from torchcamp.training.run_folder import RunFolder
from torchcamp.training.schedules import ScheduledValue

Step = Callable[[Any], dict[str, Tensor]]


class BatchSource(Protocol):
    """What the loop asks of batches; `data.batches.Batches` is one."""

    @property
    def steps_per_epoch(self) -> int: ...

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]: ...


@dataclass(kw_only=True)
class Training:
    """All that the loop needs of a recipe.

    step: takes a batch, trains once, returns named scalars, detached and on the device.
    batches: an epoch's batches in a repeatable order.
    state: everything that changes while training (networks, optimizers, schedules, averaged
        weights, persistent chains). It alone is saved, restored, and switched to evaluation.
    network: the entry of `state`, or a part of one, that is evaluated, sampled and kept as weights.
    evaluate: measures of `network` as plain numbers, called after each epoch; draws no random
        numbers that training would see.
    sample: pictures (N, 1, H, W) in [0, 1] drawn after each epoch, or None.
    notice: what a row of measures after an epoch tells that should be said at once (a generator
        that collapsed), as a sentence; or None.
    """

    step: Step
    batches: BatchSource
    state: dict[str, Any]
    network: nn.Module
    evaluate: Callable[[], dict[str, float]]
    sample: Callable[[], Tensor] | None = None
    notice: Callable[[dict[str, float]], str | None] = lambda row: None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run is, after a row of `metrics.jsonl` was written."""

    step: int
    num_steps: int
    epoch: float  # epochs done, as a fraction
    num_epochs: int
    values: dict[str, float]  # what that row holds beside step and epoch
    evaluated: bool  # whether these are the measures after an epoch
    notice: str | None  # a sentence about them that the user should read
    steps_per_second: float

    @property
    def seconds_left(self) -> float:
        """Of training, at the present pace."""
        return (self.num_steps - self.step) / max(self.steps_per_second, 1e-9)


@dataclass
class Running:
    """Sums over the steps since the last row; on the device until they are logged."""

    sums: dict[str, Tensor] = field(default_factory=dict)
    num_steps: int = 0

    def add(self, metrics: dict[str, Tensor]) -> None:
        for name, value in metrics.items():
            # Added at once: a replayed graph writes its next values into the same tensors. In
            # 32 bits: a sum of bfloat16 numbers stops growing after a few hundred of them. Without
            # the graph that a recipe may have left on it: a sum would keep all steps in memory.
            total = self.sums.get(name, 0.0)
            self.sums[name] = total + value.detach().float()
        self.num_steps += 1

    def means(self) -> dict[str, float]:
        """The mean of each value, read in one wait for the device; then empty."""
        if not self.sums:
            return {}
        values = torch.stack([value.float() for value in self.sums.values()]).tolist()
        means = {n: v / self.num_steps for n, v in zip(self.sums, values, strict=True)}
        self.sums, self.num_steps = {}, 0
        return means


def fit(
    training: Training,
    *,
    num_epochs: int,
    device: torch.device,
    precision: str = "fp32",
    run: RunFolder | None = None,
    log_every: int = 50,
    checkpoint_every: int = 1000,
    should_stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> bool:
    """Train for `num_epochs`, going on from `run`'s checkpoint where it has one.

    Args:
        run: where rows and checkpoints go; without one nothing is written.
        log_every: steps between rows.
        checkpoint_every: steps between checkpoints inside an epoch; each epoch ends with one.
        should_stop: asked after every step; when true, a checkpoint is written and fit returns.
        on_progress: called with each row.

    Returns:
        Whether the training reached its end.

    Raises:
        Diverged: a value that the step returned is not finite any more.
        RunError: the checkpoint does not fit the recipe.
    """
    steps_per_epoch = training.batches.steps_per_epoch
    num_steps = num_epochs * steps_per_epoch
    running = Running()
    step = _resume(training, run, running, device) if run else 0
    clock = _Clock(run, device, step)

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

    while step < num_steps:
        epoch, place = divmod(step, steps_per_epoch)
        for batch in training.batches.epoch(epoch, start=place):
            with autocast(device, precision):
                metrics = training.step(batch)
            running.add(metrics)
            _advance_schedules(training.state)
            step += 1
            epoch_ends, stopping = step % steps_per_epoch == 0, should_stop()
            logging = epoch_ends or step % log_every == 0
            saving = epoch_ends or stopping or step % checkpoint_every == 0
            if not (logging or saving):
                continue
            clock.pause(step)
            if logging:
                values = running.means()
                _refuse_nonsense(values, step)
                log(values | _learning_rates(training.state), evaluated=False)
            if epoch_ends:
                with _evaluating(training):
                    measures = training.evaluate()
                log(measures, evaluated=True)
                if run and training.sample:
                    with _evaluating(training):
                        run.save_samples(step // steps_per_epoch, training.sample())
            if saving and run:
                run.save_weights(training.network)
                run.save_checkpoint(_checkpoint(training, running, step))
            if stopping and step < num_steps:
                return False
            clock.go()
    return True


class _Clock:
    """Seconds spent in steps: evaluating, sampling and writing do not count."""

    def __init__(self, run: RunFolder | None, device: torch.device, step: int) -> None:
        self.run, self.device, self.step = run, device, step
        self.steps_per_second = 0.0
        self.started = time.perf_counter()

    def pause(self, step: int) -> None:
        """Stop, and write a row of timing.jsonl for the steps since the last pause."""
        synchronize(self.device)
        seconds, num_steps = time.perf_counter() - self.started, step - self.step
        self.steps_per_second = num_steps / max(seconds, 1e-9)
        self.step = step
        if self.run:
            self.run.append("timing.jsonl", {"step": step, "seconds": round(seconds, 6)})

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


def _resume(training: Training, run: RunFolder, running: Running, device: torch.device) -> int:
    """Bring `training` and `running` to where `run`'s checkpoint is; returns its step."""
    run.sweep()
    checkpoint = run.load_checkpoint()
    step = checkpoint["step"] if checkpoint else 0
    for file in ("metrics.jsonl", "timing.jsonl"):
        run.cut_rows(file, last_step=step)
    if checkpoint:
        try:
            restore(training.state, checkpoint["state"])
        except (KeyError, ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise RunError(f"the checkpoint in {run.path} does not fit: {reason}") from error
        set_random_state(checkpoint["random"])
        running.sums = {name: value.to(device) for name, value in checkpoint["sums"].items()}
        running.num_steps = checkpoint["num_summed"]
    return step


@contextlib.contextmanager
def _evaluating(training: Training) -> Iterator[None]:
    """All networks in eval mode, random numbers that training will not miss; then all as before.

    Each module gets its own mode back, so a part that the recipe keeps in eval mode stays there.
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
    """The rate of each optimizer: `lr`, or `NAME_lr` where there are several."""
    rates = {
        name: float(value.param_groups[0]["lr"])
        for name, value in state.items()
        if isinstance(value, Optimizer)
    }
    if len(rates) == 1:
        return {"lr": next(iter(rates.values()))}
    return {f"{name.removesuffix('_optimizer')}_lr": rate for name, rate in rates.items()}


def _refuse_nonsense(values: dict[str, float], step: int) -> None:
    for name, value in values.items():
        if not math.isfinite(value):
            raise Diverged(
                f"the training diverged: {name} is {value} at step {step}; try a smaller rate"
            )
