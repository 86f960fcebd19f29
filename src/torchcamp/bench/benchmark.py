"""A whole benchmark: the machine's peaks, every recipe against its plain loop, peers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from torchcamp.base.errors import RecipeError, suggest
from torchcamp.base.seeding import random_state, set_random_state
from torchcamp.bench.intervals import Ratio
from torchcamp.bench.machine import Machine, describe, load
from torchcamp.bench.pairs import ModelResult, benchmark_images, measure, prepare
from torchcamp.bench.peaks import Peaks, better, measure_peaks, precisions_of, thread_counts
from torchcamp.bench.peers import PeerResult, installed, measure_peer, not_installed
from torchcamp.bench.progress import Plan, Progress
from torchcamp.recipes.registry import NAMES
from torchcamp.training.devices import PRECISIONS, resolve_device, resolve_precision


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long a benchmark takes.

    num_pairs: of each recipe, and of each peer.
    pair_seconds: of the slower side of a pair; one step at least.
    peak_seconds: of the runs of one size.
    limit: seconds after which a recipe gets no further pair, on a slow machine, unless the user has
        said how many it gets.
    """

    num_pairs: int
    pair_seconds: float
    peak_seconds: float
    limit: float


EFFORTS = {
    "quick": Effort(num_pairs=3, pair_seconds=0.3, peak_seconds=0.08, limit=4.0),
    "full": Effort(num_pairs=9, pair_seconds=0.8, peak_seconds=0.4, limit=60.0),
}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What to measure.

    only: names of recipes; empty for all.
    num_pairs: None for as many as the effort has.
    """

    only: Sequence[str] = ()
    num_pairs: int | None = None
    quick: bool = False
    device: str = "auto"
    precision: str = "auto"

    def names(self) -> tuple[str, ...]:
        """The recipes, in the order of `registry.NAMES`.

        Raises:
            RecipeError: no such recipe; the nearest is named.
        """
        for name in self.only:
            if name not in NAMES:
                hint = suggest(name, NAMES, listed_as="Recipes")
                raise RecipeError(f"unknown recipe {name!r}. {hint}")
        return tuple(name for name in NAMES if name in self.only or not self.only)


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Everything that was measured."""

    machine: Machine
    peaks: Peaks
    models: tuple[ModelResult, ...]
    peers: tuple[PeerResult, ...]
    not_installed: tuple[str, ...]
    quick: bool

    def as_json(self) -> dict[str, Any]:
        """What `torchcamp bench --json` prints."""
        return {
            "machine": asdict(self.machine),
            "quick": self.quick,
            "peaks": asdict(self.peaks),
            "models": [_model_as_json(model) for model in self.models],
            "peers": [_peer_as_json(peer) for peer in self.peers],
            "not_installed": list(self.not_installed),
        }


def benchmark(
    ask: Ask,
    tell: Callable[[Progress], None] = lambda progress: None,
    found: Callable[[ModelResult | PeerResult], None] = lambda result: None,
) -> Benchmark:
    """Measure what is asked for; nothing is written, and nothing fetched.

    Args:
        tell: called whenever something has moved on.
        found: called with each result when it is there.

    Raises:
        RecipeError: an unknown recipe.
        DeviceError: a device or precision that is unknown or not here.
    """
    names = ask.names()
    device = resolve_device(ask.device)
    resolve_precision(ask.precision, PRECISIONS, device)
    effort = EFFORTS["quick" if ask.quick else "full"]
    num_pairs = ask.num_pairs or effort.num_pairs
    # Peers compute on the CPU.
    peers = installed(names) if device.type == "cpu" else []
    plan = Plan(_expected(names, peers, effort, num_pairs, device), tell)
    load_before, state = load(), random_state()
    try:
        peaks = _peaks("peaks", device, ask, effort, plan)
        models = []
        for name in names:
            models.append(_model(name, device, ask, effort, peaks, plan))
            found(models[-1])
        compared = []
        for name in peers:
            plan.at(name)
            for result in measure_peer(name, num_pairs, benchmark_images("auto")):
                compared.append(result)
                found(result)
        peaks = better(peaks, _peaks("peaks again", device, ask, effort, plan))
    finally:
        set_random_state(state)
    return Benchmark(
        machine=describe(device, load_before),
        peaks=peaks,
        models=tuple(model.against(peaks) for model in models),
        peers=tuple(compared),
        not_installed=tuple(not_installed(names)),
        quick=ask.quick,
    )


def _peaks(part: str, device: torch.device, ask: Ask, effort: Effort, plan: Plan) -> Peaks:
    plan.at(part)
    return measure_peaks(
        device,
        quick=ask.quick,
        seconds=effort.peak_seconds,
        tell=lambda share: plan.at(part, share) if share else None,
    )


def _model(
    name: str, device: torch.device, ask: Ask, effort: Effort, peaks: Peaks, plan: Plan
) -> ModelResult:
    plan.at(name)
    num_pairs = ask.num_pairs or effort.num_pairs
    return measure(
        prepare(name, device, precision=ask.precision, quick=ask.quick),
        peaks,
        num_pairs=num_pairs,
        seconds=effort.pair_seconds,
        limit=math.inf if ask.num_pairs else effort.limit,
        expect=lambda seconds: plan.expect(name, seconds),
        tell=lambda done: plan.at(name, done / num_pairs),
    )


def _expected(
    names: Sequence[str], peers: Sequence[str], effort: Effort, num_pairs: int, device: torch.device
) -> dict[str, float]:
    """Each part of a benchmark with a guess of its seconds."""
    num_rates = 2 * len(thread_counts(device)) * len(precisions_of(device))
    peak_seconds = 4 * effort.peak_seconds * num_rates
    pair_seconds = 2 * effort.pair_seconds * num_pairs + 1
    return {
        "peaks": peak_seconds,
        **dict.fromkeys(names, pair_seconds),
        **dict.fromkeys(peers, num_pairs * 1.5),
        "peaks again": peak_seconds,
    }


def _model_as_json(model: ModelResult) -> dict[str, Any]:
    values = asdict(model)
    del values["speedup"]
    return {
        **values,
        "fraction_of_peak": model.fraction_of_peak,
        "speedup_over_plain_loop": model.speedup.median,
        **_interval(model.speedup),
    }


def _peer_as_json(peer: PeerResult) -> dict[str, Any]:
    return {**asdict(peer), "ratio": peer.ratio.median, **_interval(peer.ratio)}


def _interval(ratio: Ratio) -> dict[str, Any]:
    return {
        "interval": [ratio.low, ratio.high],
        "coverage": ratio.coverage,
        "num_pairs": ratio.num_pairs,
    }
