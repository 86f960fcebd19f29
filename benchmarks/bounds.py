"""What a training step's time goes into, and how near to the machine's best rates each part comes.

    python benchmarks/bounds.py [--only mlp,cnn] [--seconds S] [--precision fp32] [--json]

Each recipe trains through the loop in one thread, twice: once for the processor's time of a step, and once under
torch's profiler for the shares. A turn of the loop lasts from one step's beginning to the next one's. It is
cut into operations, each with the time that belongs to it and not to an operation inside it, and an operation's time is
its shortest over the turns: others on the machine can make it longer, but never shorter. Operations are
grouped into kinds; the rest is the loop, Python, autograd, views and allocations.

Beside the shares stand rates. Products and convolutions: FLOPs a second, by the convention of
docs/performance.md, as a share of the best rate in the recipe's precision. Everything else: bytes read and
written a second, as a share of a copy's in main memory; more than 100 % comes from the caches. Two bounds
say what could be gained: the share of the peak if products and convolutions ran at the best rate and all
else stayed as it is, and the share if all else took no time and they stayed as they are.
"""

import argparse
import itertools
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile, record_function
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from torchcamp.bench.machine import describe, load
from torchcamp.bench.pairs import Side, prepare
from torchcamp.bench.peaks import Peaks, better, measure_peaks
from torchcamp.bench.report import machine_in_words
from torchcamp.reading.flops import flops_of
from torchcamp.recipes.registry import NAMES
from torchcamp.training.devices import PRECISIONS, keeping_freed_memory
from torchcamp.training.loop import fit

CPU = torch.device("cpu")
STEP = "torchcamp::step"
FEWEST, MOST = 4, 100  # turns of the loop
KINDS = (
    "products", "convolutions", "batch norm", "elementwise", "pooling", "random numbers", "copies",
    "optimizer", "the rest",
)  # fmt: skip
MULTIPLYING = ("products", "convolutions")

# What an operation is by its name without aten:: and a final underscore, or by a part of it. The first match counts.
PARTS = {
    "conv": "convolutions",
    "mkldnn_reorder": "convolutions",
    "batch_norm": "batch norm",
    "pool": "pooling",
    "_fused_": "optimizer",
    "_foreach_": "optimizer",
    "rand": "random numbers",
}
WORDS = {
    "products": "mm addmm bmm baddbmm mv addmv dot matmul linear mkldnn_linear addr ger",
    "random numbers": "uniform normal bernoulli multinomial exponential",
    "copies": "copy to _to_copy clone contiguous cat stack index index_select gather fill zero zeros "
    "ones full zeros_like ones_like slice_backward select_backward constant_pad_nd flip repeat",
    "the rest": "empty empty_like empty_strided new_empty resize view _unsafe_view reshape as_strided t "
    "transpose permute expand slice select unbind split split_with_sizes chunk squeeze unsqueeze "
    "detach alias lift_fresh resolve_conj resolve_neg result_type is_nonzero item _local_scalar_dense "
    "flatten unflatten narrow expand_as numpy_T type_as is_floating_point",
}
KIND_OF = {word: kind for kind, words in WORDS.items() for word in words.split()}
WRITES_ONLY = ("copy", "fill", "zero", "uniform", "normal", "bernoulli", "random")
PICKS = ("index", "index_select", "gather", "embedding")  # read of their input what they return


def kind_of(name: str) -> str:
    """The kind of an operation, or of what else the profiler has recorded, by its name."""
    if name.startswith("Optimizer."):
        return "optimizer"
    if not name.startswith("aten::"):
        return "the rest"
    word = name.removeprefix("aten::").removesuffix("_")
    for part, kind in PARTS.items():
        if part in word:
            return kind
    return KIND_OF.get(word, "elementwise")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One kind of work in a step.

    share: of the step's time.
    flops: of one step; 0 where its operations have none.
    num_bytes: that its operations read and write; 0 where they move nothing.
    rate: of `flops`, or of `num_bytes` where there are none, in a second as a share of the machine's best;
        None where there is neither.
    """

    kind: str
    share: float
    flops: int
    num_bytes: int
    rate: float | None


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What was measured of one recipe.

    seconds: of the processor for a step, without the profiler.
    slowed: how many times as long the operations took together under the profiler. Far above 1 on a busy
        machine, where operations that last long are always interrupted.
    of_peak: the step's FLOPs in a second as a share of the best rate.
    at_best_rate: the same if products and convolutions ran at that rate.
    alone: the same if nothing but them took any time.
    operations: those that take most, as name and share.
    """

    recipe: str
    precision: str
    batch_size: int
    num_turns: int
    seconds: float
    slowed: float
    parts: tuple[Part, ...]
    of_peak: float
    at_best_rate: float
    alone: float
    operations: tuple[tuple[str, float], ...]


# --- Measuring ----------------------------------------------------------------------------------


class Moved(TorchDispatchMode):
    """Adds up the FLOPs of each kind, and the bytes that its operations read and write."""

    def __init__(self) -> None:
        super().__init__()
        self.flops: Counter[str] = Counter()
        self.num_bytes: Counter[str] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        word = func.__name__.partition(".")[0]
        kind = kind_of(f"aten::{word}")
        self.flops[kind] += flops_of(func, args, kwargs, out) or 0
        if kind not in (*MULTIPLYING, "the rest"):
            self.num_bytes[kind] += bytes_moved(func, word.removesuffix("_"), args, kwargs, out)
        return out


def bytes_moved(func: Any, word: str, args: Any, kwargs: Any, out: Any) -> int:
    """Bytes that an operation reads and writes, by its schema: every tensor once, and those written in place twice."""
    returned = sum(map(size_of, tree_leaves(out)))
    if word in PICKS:
        return 2 * returned
    moved = 0
    for number, argument in enumerate(func._schema.arguments):
        value = args[number] if number < len(args) else kwargs.get(argument.name)
        num_bytes = sum(map(size_of, tree_leaves(value)))
        written = argument.alias_info is not None and argument.alias_info.is_write
        moved += num_bytes * (2 if written and word not in WRITES_ONLY else 1)
    in_place = any(result.alias_info is not None for result in func._schema.returns)
    return moved if in_place else moved + returned


def size_of(value: Any) -> int:
    """Bytes of a tensor; of one that repeats its numbers without storing them, those that it stores."""
    if not isinstance(value, Tensor):
        return 0
    return min(value.nbytes, value.untyped_storage().nbytes())


def turns(events: Iterable[Any]) -> Iterator[list[tuple[str, float]]]:
    """Names and microseconds of the operations of each whole turn of the loop, what is left of it as the last."""
    events = sorted(events, key=lambda event: event.time_range.start)
    marks = [number for number, event in enumerate(events) if event.name == STEP]
    for first, last in itertools.pairwise(marks):
        inside = [(event.name, event.self_cpu_time_total) for event in events[first + 1 : last]]
        start, end = events[first].time_range.start, events[last].time_range.start
        left = end - start - sum(time for _, time in inside)
        yield [*inside, ("outside of operations", left)]


def shortest(found: Sequence[list[tuple[str, float]]]) -> tuple[int, list[tuple[str, float]]]:
    """How many turns do the same, in the same order, as most do, and the shortest time of each of its operations."""
    orders = [tuple(name for name, _ in turn) for turn in found]
    usual, number = Counter(orders).most_common(1)[0]
    same = [turn for turn, order in zip(found, orders, strict=True) if order == usual]
    times = [min(time for _, time in each) for each in zip(*same, strict=True)]
    return number, list(zip(usual, times, strict=True))


def step_seconds(side: Side, num_steps: int) -> float:
    """The processor's time of the shortest turn of the loop."""
    moments = []

    def moment() -> bool:
        moments.append(time.thread_time())
        return len(moments) > num_steps

    train(side, moment)
    return min(end - start for start, end in itertools.pairwise(moments))


def train(side: Side, should_stop: Any) -> None:
    side.begin()
    with keeping_freed_memory(CPU):
        fit(
            side.training,
            num_epochs=side.epochs,
            device=CPU,
            precision=side.precision,
            log_every=10**9,
            should_stop=should_stop,
        )


def profiled(side: Side, num_steps: int) -> tuple[int, list[tuple[str, float]]]:
    """As `shortest` has it, of a training under the profiler."""
    step, done = side.training.step, itertools.count(1)

    def marked(batch: Any) -> Any:
        with record_function(STEP):
            return step(batch)

    side.training.step = marked
    try:
        with profile(activities=[ProfilerActivity.CPU], acc_events=True) as profiler:
            train(side, lambda: next(done) > num_steps + 1)
    finally:
        side.training.step = step
    # The first turn is another: it makes the optimizer's state.
    return shortest(list(turns(profiler.events() or []))[1:])


def measure(name: str, peaks: Peaks, at_least: float, precision: str) -> Profile:
    """Profile a recipe over about `at_least` seconds of training."""
    contest = prepare(name, CPU, precision=precision)
    side = contest.ours
    num_steps = min(max(round(at_least / step_seconds(side, 2)), FEWEST), MOST)
    seconds = step_seconds(side, num_steps)
    side.begin()
    side.step()
    with Moved() as moved:
        side.step()
    num_turns, operations = profiled(side, num_steps)
    whole = sum(time for _, time in operations)
    shares: defaultdict[str, float] = defaultdict(float)
    by_name: defaultdict[str, float] = defaultdict(float)
    for operation, taken in operations:
        shares[kind_of(operation)] += taken / whole
        by_name[operation] += taken / whole
    peak = peaks.best(side.precision, 1)
    bandwidth = peaks.bandwidths[0].bytes_per_second
    parts = []
    for kind in KINDS:
        taken = shares[kind] * seconds
        flops, num_bytes = moved.flops[kind], moved.num_bytes[kind]
        share_of_best = flops / peak if flops else num_bytes / bandwidth
        parts.append(
            Part(
                kind=kind,
                share=shares[kind],
                flops=flops,
                num_bytes=num_bytes,
                rate=share_of_best / taken if share_of_best and taken else None,
            )
        )
    multiplying = seconds * sum(shares[kind] for kind in MULTIPLYING)
    least = sum(moved.flops.values()) / peak
    return Profile(
        recipe=name,
        precision=side.precision,
        batch_size=contest.batch_size,
        num_turns=num_turns,
        seconds=seconds,
        slowed=whole / 1e6 / seconds,
        parts=tuple(parts),
        of_peak=least / seconds,
        at_best_rate=least / (least + seconds - multiplying),
        alone=least / multiplying,
        operations=tuple(sorted(by_name.items(), key=lambda item: -item[1])[:12]),
    )


# --- What is said -------------------------------------------------------------------------------


def tables(profiles: Sequence[Profile]) -> str:
    """The Markdown tables of docs/performance.md."""
    lines = [row("recipe", *KINDS), row(*["---"] * (1 + len(KINDS)))]
    for each in profiles:
        lines.append(row(f"`{each.recipe}`", *(percent(part.share) for part in each.parts)))
    kinds = [kind for kind in KINDS if any(rate_of(each, kind) for each in profiles)]
    lines += ["", row("recipe", "in", "a step", *kinds, "of peak", "at the best rate", "alone")]
    lines.append(row(*["---"] * (6 + len(kinds))))
    for each in profiles:
        rates = [percent(rate_of(each, kind)) for kind in kinds]
        bounds = map(percent, (each.of_peak, each.at_best_rate, each.alone))
        milliseconds = f"{1000 * each.seconds:.3g} ms"
        lines.append(row(f"`{each.recipe}`", each.precision, milliseconds, *rates, *bounds))
    return "\n".join(lines)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def rate_of(found: Profile, kind: str) -> float | None:
    """The rate of a kind that takes at least a hundredth of the step."""
    part = next(part for part in found.parts if part.kind == kind)
    return part.rate if part.share >= 0.01 else None


def percent(share: float | None) -> str:
    return "" if share is None or round(100 * share) == 0 else f"{100 * share:.0f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="recipes, with commas between them")
    parser.add_argument("--seconds", type=float, default=3.0, help="of training, of each recipe")
    parser.add_argument("--precision", choices=("auto", *PRECISIONS), default="auto")
    parser.add_argument("--quick", action="store_true", help="fewer sizes for the best rates")
    parser.add_argument("--json", action="store_true", help="print one JSON value, not tables")
    options = parser.parse_args()
    names = [name for name in options.only.split(",") if name] or list(NAMES)
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"unknown recipe {unknown[0]!r}; choose from {', '.join(NAMES)}")
    torch.set_num_threads(1)
    load_before = load()
    rates = {"quick": options.quick, "seconds": 0.08 if options.quick else 0.5}
    peaks = measure_peaks(CPU, clock=time.thread_time, **rates)
    peaks = better(peaks, measure_peaks(CPU, clock=time.thread_time, **rates))
    profiles = []
    for name in names:
        profiles.append(measure(name, peaks, options.seconds, options.precision))
        done = profiles[-1]
        print(f"{name}: {percent(done.of_peak)} of the peak", file=sys.stderr, flush=True)
    machine = describe(CPU, load_before)
    command = " ".join(["python", "benchmarks/bounds.py", *sys.argv[1:]])
    if options.json:
        value = {
            "command": command,
            "machine": asdict(machine),
            "peaks": asdict(peaks),
            "profiles": [asdict(each) for each in profiles],
        }
        print(json.dumps(value))
        return
    best = ", ".join(
        f"{peak.flops_per_second / 1e9:,.0f} GFLOPS ({peak.work}, {peak.precision})"
        for peak in peaks.rates
    )
    print(
        f"{command}, {time.strftime('%Y-%m-%d')}; {machine_in_words(machine)}; load {load_before:.1f} before"
    )
    print(f"best rates {best}; a copy {peaks.bandwidths[0].bytes_per_second / 1e9:.1f} GB/s\n")
    print(tables(profiles))
    for each in profiles:
        most = ", ".join(f"{name} {percent(share) or '0 %'}" for name, share in each.operations)
        print(
            f"\n{each.recipe} ({each.num_turns} turns, {each.slowed:.2f} times as long when profiled): {most}"
        )


if __name__ == "__main__":
    main()
