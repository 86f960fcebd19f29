"""A recipe's training against the plain loop: rate, share of the machine's peak, ratio, memory."""

import copy
import functools
import itertools
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from torchcamp.base.seeding import seed_everything
from torchcamp.bench.intervals import Ratio, ratio_of
from torchcamp.bench.peaks import Peaks
from torchcamp.bench.plain_loops import PlainLoop, plain_loop
from torchcamp.bench.work import Work, num_parameters, work_of
from torchcamp.data import fetch
from torchcamp.data.images import CIFAR10_CLASSES, Images, load_images
from torchcamp.recipes.registry import find_recipe, presets
from torchcamp.training.checkpoint import capture, restore
from torchcamp.training.devices import (
    autocast,
    keeping_freed_memory,
    resolve_precision,
    synchronize,
)
from torchcamp.training.loop import Training, fit

# Both sides read each picture as it is, and bits that are drawn once: else their batches differ.
SAME_PIXELS = {"max_shift": 0, "distort": False, "flip": False, "pixels": "static"}
NUM_DIGITS = (
    12_000  # training pictures, where `digits` is repeated to have epochs of a usual length
)
NUM_RANDOM = 5_000
NUM_TRIED = 2  # steps that estimate how many a pair needs


@dataclass(kw_only=True)
class Side:
    """Our side of a pair: a training that can begin again as often as it must."""

    training: Training
    device: torch.device
    precision: str
    epochs: int
    seed: int

    def __post_init__(self) -> None:
        self.training.evaluate, self.training.sample = dict, None
        self.beginning = copy.deepcopy(capture(self.training.state))

    def begin(self) -> None:
        """Put back everything that a training changes."""
        restore(self.training.state, self.beginning)
        seed_everything(self.seed)

    def seconds(self, num_steps: int) -> float:
        """Train from the beginning for so many steps, with the loop's schedule and its log."""
        self.begin()
        done = itertools.count(1)
        epochs = math.ceil(num_steps / self.training.batches.steps_per_epoch)
        started = time.perf_counter()
        with keeping_freed_memory(self.device):
            fit(
                self.training,
                num_epochs=max(self.epochs, epochs),
                device=self.device,
                precision=self.precision,
                should_stop=lambda: next(done) >= num_steps,
            )
        synchronize(self.device)
        return time.perf_counter() - started

    def step(self) -> dict[str, Tensor]:
        """One step on the first batch."""
        batch = next(iter(self.training.batches.epoch(0)))
        with autocast(self.device, self.precision):
            return self.training.step(batch)


@dataclass(frozen=True, kw_only=True)
class Contest:
    """One recipe and its plain loop, ready to run."""

    model: str
    preset: str
    data: str
    batch_size: int
    ours: Side
    plain: PlainLoop

    @functools.cached_property
    def work(self) -> Work:
        """Of one of our steps."""
        self.ours.begin()
        return work_of(self.ours.step, self.ours.training.state)

    def num_steps(self, seconds: float) -> int:
        """So many steps that the slower side takes about `seconds`."""
        if max(self.pair(1)) > seconds:  # the first steps take longer, but not that much
            return 1
        return max(1, round(seconds * NUM_TRIED / max(self.pair(NUM_TRIED))))

    def pair(self, num_steps: int) -> tuple[float, float]:
        """Seconds of the plain loop, and of ours, one after the other from the same weights."""
        self.ours.begin()
        return self.plain.seconds(num_steps), self.ours.seconds(num_steps)


@dataclass(frozen=True, kw_only=True)
class ModelResult:
    """What was measured of one recipe; rates are medians over the pairs.

    flops_per_item: of a training step, divided by its batch; None where they cannot be counted.
    peak_flops_per_second: the machine's best, in `precision` with `threads`.
    speedup: of ours over the plain loop, which computes in fp32.
    """

    model: str
    preset: str
    data: str
    batch_size: int
    precision: str
    threads: int | None
    num_parameters: int
    num_steps: int
    items_per_second: float
    plain_items_per_second: float
    flops_per_item: float | None
    peak_flops_per_second: float
    peak_bytes: int
    speedup: Ratio

    def against(self, peaks: Peaks) -> "ModelResult":
        """The same with the peak that is known now."""
        peak = peaks.best(self.precision, self.threads)
        return replace(self, peak_flops_per_second=peak)

    @property
    def fraction_of_peak(self) -> float | None:
        return fraction_of_peak(
            self.flops_per_item, self.items_per_second, self.peak_flops_per_second
        )


def fraction_of_peak(
    flops_per_item: float | None, items_per_second: float, peak: float
) -> float | None:
    """The FLOPs that are done in a second, as a share of the most that could be."""
    return None if flops_per_item is None else flops_per_item * items_per_second / peak


def prepare(
    name: str, device: torch.device, *, precision: str = "auto", quick: bool = False
) -> Contest:
    """A recipe and its plain loop on the best data that lie on this machine.

    Args:
        name: one of `registry.NAMES`.
        precision: of our side; a recipe that does not allow it chooses its own.
        quick: its preset `fast` where it has one, in place of `default`.
    """
    preset = "fast" if quick and "fast" in presets(name) else "default"
    recipe: Any = find_recipe(name, preset)
    names = {field.name for field in fields(recipe)}
    recipe = replace(recipe, **{k: v for k, v in SAME_PIXELS.items() if k in names})
    images = benchmark_images(recipe.data)
    recipe = recipe.for_data(images)
    training = recipe.build(device, images)
    allowed = precision in ("auto", *recipe.precisions)
    return Contest(
        model=name,
        preset=preset,
        data=images.name,
        batch_size=training.batches.batch_size,
        ours=Side(
            training=training,
            device=device,
            precision=resolve_precision(
                precision if allowed else "auto", recipe.precisions, device
            ),
            epochs=recipe.epochs,
            seed=recipe.seed,
        ),
        plain=plain_loop(name, recipe, training, images, device),
    )


@functools.cache
def benchmark_images(data: str) -> Images:
    """MNIST where it lies on this machine, else `digits` several times over; nothing is fetched.

    For a recipe of photographs, CIFAR-10 or random pixels: no time depends on what they show.
    """
    if data == "cifar10":
        return load_images("cifar10") if fetch.locate("cifar10") else _random_pictures()
    if fetch.locate("mnist"):
        return load_images("mnist")
    digits = load_images("digits")
    times = math.ceil(NUM_DIGITS / len(digits.train_labels))
    return replace(
        digits,
        name=f"digits, {times} times",
        train_images=digits.train_images.repeat(times, 1, 1, 1),
        train_labels=digits.train_labels.repeat(times),
    )


def _random_pictures() -> Images:
    rng = torch.Generator().manual_seed(0)
    pictures = torch.randint(256, (NUM_RANDOM, 3, 32, 32), generator=rng, dtype=torch.uint8)
    labels = torch.arange(NUM_RANDOM) % len(CIFAR10_CLASSES)
    return Images(
        name="random pictures of 3x32x32",
        train_images=pictures,
        train_labels=labels,
        test_images=pictures[:10],
        test_labels=labels[:10],
        class_names=CIFAR10_CLASSES,
    )


def measure(
    contest: Contest,
    peaks: Peaks,
    *,
    num_pairs: int,
    seconds: float,
    limit: float = math.inf,
    expect: Callable[[float], None] = lambda seconds: None,
    tell: Callable[[int], None] = lambda done: None,
) -> ModelResult:
    """Run the pairs.

    Args:
        seconds: about what the slower side of a pair takes; one step at least.
        limit: no further pair begins after so many seconds of pairs.
        expect: called with the seconds that the pairs will take, once that is known.
        tell: called with the number of pairs that are done.
    """
    work = contest.work
    num_steps = contest.num_steps(seconds)
    pairs: list[tuple[float, float]] = []
    for done in range(num_pairs):
        pairs.append(contest.pair(num_steps))
        if not done:
            expect(min(limit, num_pairs * sum(pairs[0])))
        if sum(map(sum, pairs)) > limit:
            break
        tell(done + 1)
    items = num_steps * contest.batch_size
    device, precision = contest.ours.device, contest.ours.precision
    threads = torch.get_num_threads() if device.type == "cpu" else None
    return ModelResult(
        model=contest.model,
        preset=contest.preset,
        data=contest.data,
        batch_size=contest.batch_size,
        precision=precision,
        threads=threads,
        num_parameters=num_parameters(contest.ours.training.network),
        num_steps=num_steps,
        items_per_second=statistics.median(items / ours for _, ours in pairs),
        plain_items_per_second=statistics.median(items / plain for plain, _ in pairs),
        flops_per_item=None if work.flops is None else work.flops / contest.batch_size,
        peak_flops_per_second=peaks.best(precision, threads),
        peak_bytes=work.peak_bytes,
        speedup=ratio_of([plain / ours for plain, ours in pairs]),
    )
