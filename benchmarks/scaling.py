"""How efficiently two processes train together, and what a model says of 1,000 devices.

    python benchmarks/scaling.py [--only resnet,cnn] [--all] [--quick] [--json] [--svg FILE]

Weak scaling: every process takes the recipe's own batch with one thread. In each round three sides take
as many steps in turn:

- alone: one process, while nothing else runs;
- beside: two processes that know nothing of each other, at the same time;
- joined: two processes that train together, over gloo.

A step of alone by one of joined is the efficiency. A step of alone by one of beside is what two cores lose by
sharing a memory; a step of beside by one of joined is what training together costs. Processes stay alive
between rounds, and a training goes on where its last round ended. What happens at an epoch's end is left
out, as are rows of a log.

alpha, beta and gamma are fitted to reductions of several sizes between the same processes; the
model and its formulas are `torchcamp.bench.scaling`. Its predictions for two processes use the steps of beside;
those for many devices use the steps of alone, since each device would have a memory of its own.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from markupsafe import Markup
from torch import Tensor

from torchcamp.bench.intervals import Ratio, ratio_of
from torchcamp.bench.machine import describe, load
from torchcamp.bench.pairs import benchmark_images
from torchcamp.bench.peaks import best_seconds
from torchcamp.bench.report import in_bytes, machine_in_words
from torchcamp.bench.scaling import (
    Link,
    Steps,
    efficiency,
    fitted,
    longest,
    most_that_pay,
    step_seconds,
)
from torchcamp.pages.charts import Series, line_chart, standalone
from torchcamp.recipes.registry import NAMES, find_recipe
from torchcamp.training.devices import resolve_precision
from torchcamp.training.distributed import joined
from torchcamp.training.loop import fit

MAIN = ("resnet", "cnn", "vae", "gan")
GOAL = 0.85
COUNTS = (1, 2, 4, 8, 16, 32, 64, 125, 250, 500, 1000)
SIZES = (4, 4 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20)  # bytes
REPEATS = 15  # reductions of each size
LIMIT = 60.0  # seconds of a recipe's rounds
FEWEST = 6  # rounds that give an interval of 95 %
# Assumptions, not measurements: seconds of a message, of a byte, and a device's speed in multiples of the one
# thread that was measured. A GPU is taken to be 100 times as fast.
ASSUMED = (
    Link(name="10 Gbit/s Ethernet, CPUs", alpha=30e-6, beta=8 / 10e9),
    Link(name="100 Gbit/s, GPUs", alpha=5e-6, beta=8 / 100e9, speed=100),
    Link(name="NVLink 450 GB/s, GPUs", alpha=2e-6, beta=1 / 450e9, speed=100),
)
CPU = torch.device("cpu")
NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


# --- In the processes ---------------------------------------------------------------------------


class Gate:
    """Lets a training take as many steps as it is told to, and reports when each one ended."""

    def __init__(self, connection: Connection, recorder: "Recorder") -> None:
        self.connection, self.recorder = connection, recorder
        self.left = 0
        self.stopped = False
        self.times: list[float] = []

    def __call__(self) -> bool:
        """After a step: whether the training shall stop."""
        self.times.append(time.perf_counter())
        self.left -= 1
        if self.left < 0 and not self.stopped:
            self.connection.send((self.times, self.recorder.taken()))
            self.left = self.connection.recv() - 1
            self.stopped = self.left < 0
            self.times = [time.perf_counter()]
        return self.stopped


@dataclass
class Recorder:
    """What is reduced in this process, and how long that takes: stands in for `dist.all_reduce`."""

    all_reduce: Callable[..., Any] = dist.all_reduce
    sizes: list[int] = field(default_factory=list)
    seconds: float = 0.0

    def __call__(self, tensor: Tensor, *args: Any, **kwargs: Any) -> Any:
        self.sizes.append(tensor.nbytes)
        started = time.perf_counter()
        work = self.all_reduce(tensor, *args, **kwargs)
        self.seconds += time.perf_counter() - started
        return Waiting(self, work) if work is not None else None

    def taken(self) -> tuple[list[int], float]:
        """Bytes of each reduction and the seconds of all of them, since the last time."""
        found = self.sizes, self.seconds
        self.sizes, self.seconds = [], 0.0
        return found


class Waiting:
    """A reduction under way, whose wait is timed."""

    def __init__(self, recorder: Recorder, work: Any) -> None:
        self.recorder, self.work = recorder, work

    def wait(self) -> None:
        started = time.perf_counter()
        self.work.wait()
        self.recorder.seconds += time.perf_counter() - started


def weak(recipe: Any, num_processes: int) -> Any:
    """The recipe for so many processes: whatever they share out is as many times as large."""
    names = {each.name for each in fields(recipe)}
    shared = {"batch_size", "num_penalty_images"} & names
    changed = {name: num_processes * getattr(recipe, name) for name in shared}
    if hasattr(recipe.model, "num_chains"):
        chains = num_processes * recipe.model.num_chains
        changed["model"] = replace(recipe.model, num_chains=chains)
    return replace(recipe, **changed, epochs=1000)


def work(connection: Connection, environment: dict[str, str]) -> None:
    """Train one recipe after the other as the parent says; with a rank in `environment`, together."""
    os.environ.update(environment)
    torch.set_num_threads(1)
    recorder = Recorder()
    dist.all_reduce = recorder
    for name, preset in iter(connection.recv, None):
        with joined() as group:
            recipe: Any = weak(find_recipe(name, preset), group.size)
            images = benchmark_images(recipe.data)
            recipe = recipe.for_data(images)
            training = recipe.build(CPU, images)
            training.evaluate, training.sample = dict, None
            shuffling = best_seconds(lambda: training.batches.order(0), CPU, 0.02)  # noqa: B023
            shuffle = shuffling / len(images.train_images)
            connection.send(
                {
                    "data": images.name,
                    "batch_size": recipe.batch_size // group.size,
                    "steps_per_epoch": training.batches.steps_per_epoch,
                    "shuffle": shuffle,
                    "reductions": reductions(recorder) if group.size > 1 else {},
                }
            )
            fit(
                training,
                num_epochs=recipe.epochs,
                device=CPU,
                precision=resolve_precision("auto", recipe.precisions, CPU),
                should_stop=Gate(connection, recorder),
                log_every=10**9,
                checkpoint_every=10**9,
            )


def reductions(recorder: Recorder) -> dict[int, tuple[float, float]]:
    """Seconds of a reduction, and of packing and unpacking, by size in bytes: medians."""
    found = {}
    for size in SIZES:
        part = torch.zeros(size // 4)
        reducing, packing = [], []
        for _ in range(REPEATS):
            started = time.perf_counter()
            flat = torch.cat([part]).mul_(0.5)
            packed = time.perf_counter()
            recorder.all_reduce(flat)
            reduced = time.perf_counter()
            part.copy_(flat)
            packing.append(packed - started + time.perf_counter() - reduced)
            reducing.append(reduced - packed)
        found[size] = statistics.median(reducing), statistics.median(packing)
    return found


# --- In the parent ------------------------------------------------------------------------------


class Workers:
    """Two processes that train by themselves and two that train together, each with one thread."""

    def __init__(self) -> None:
        os.environ["OMP_NUM_THREADS"] = "1"
        self.processes: list[Any] = []
        self.single = [self._start({}) for _ in range(2)]
        self.joined = self._pair()

    @property
    def everyone(self) -> list[Connection]:
        return [*self.single, *self.joined]

    def _pair(self) -> list[Connection]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
        return [self._start({**address, "RANK": rank}) for rank in "01"]

    def _start(self, environment: dict[str, str]) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, environment), daemon=True)
        process.start()
        theirs.close()  # so that a process that fails is noticed
        self.processes.append(process)
        return ours

    def end(self) -> None:
        for connection in self.everyone:
            connection.send(None)
        for process in self.processes:
            process.join()


@dataclass(frozen=True)
class Side:
    """What a round says of one side: each process's steps, and its reductions and waits.

    sizes: bytes of the reductions of one step, in turn. waited: seconds of a step for them.
    """

    steps: list[float]
    sizes: tuple[int, ...]
    waited: float

    @property
    def mean(self) -> float:
        return statistics.fmean(self.steps)


def run(
    connections: Sequence[Connection], num_steps: int, done: dict[Connection, int], per_epoch: int
) -> Side:
    """Let all of them take so many steps at the same time, after those that each has `done`."""
    for connection in connections:
        connection.send(num_steps)
    steps: list[float] = []
    waited, sizes = 0.0, ()
    for connection in connections:
        times, (all_sizes, seconds) = connection.recv()
        each = [after - before for before, after in itertools.pairwise(times)]
        # What an epoch's end takes lies in the interval of the next step.
        kept = [taken for number, taken in enumerate(each, done[connection]) if number % per_epoch]
        done[connection] += num_steps
        steps += kept or each
        waited += seconds / num_steps / len(connections)
        sizes = tuple(all_sizes)
    return Side(steps, sizes, waited)


@dataclass(frozen=True, kw_only=True)
class Together:
    """Two processes that train together.

    seconds: of a step, the median over the rounds. waited: of it, for reductions.
    efficiency: alone by this. joining: beside by this.
    reductions: bytes of each in a step.
    predicted: the efficiency by the model; predicted_by: the parts of the predicted step, in seconds.
    """

    seconds: float
    waited: float
    efficiency: Ratio
    joining: Ratio
    reductions: tuple[int, ...]
    predicted: float
    predicted_by: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was measured of one recipe. Seconds are those of a step, medians over the rounds."""

    recipe: str
    preset: str
    data: str
    batch_size: int  # of each process
    num_steps: int  # of a side in a round
    alone: float
    beside: float
    memory: Ratio  # alone by beside
    joined: Together
    shuffle: float
    steps_alone: tuple[float, ...]

    def steps(self) -> Steps:
        """Those of a device that has a memory of its own."""
        return Steps(
            seconds=self.steps_alone,
            batch_size=self.batch_size,
            reductions=self.joined.reductions,
            shuffle=self.shuffle,
        )


Rounds = Sequence[dict[str, Side]]


def of_one_step(sizes: Sequence[int], num_steps: int) -> tuple[int, ...]:
    """The reductions of a step, from those of several: an epoch's end has some of its own."""
    often = {size: sizes.count(size) / num_steps for size in dict.fromkeys(sizes)}
    return tuple(size for size, times in often.items() for _ in range(round(times)))


def ratio(rounds: Rounds, over: str, under: str) -> Ratio:
    return ratio_of([each[over].mean / each[under].mean for each in rounds])


def together(
    rounds: Rounds, num_steps: int, batch_size: int, shuffle: float, link: Link
) -> Together:
    """What the rounds say of training together, and what the model does."""
    sizes = of_one_step(
        [size for each in rounds for size in each["joined"].sizes], len(rounds) * num_steps
    )
    beside = [step for each in rounds for step in each["beside"].steps]
    alone = statistics.fmean(step for each in rounds for step in each["alone"].steps)
    steps = Steps(seconds=beside, batch_size=batch_size, reductions=sizes, shuffle=shuffle)
    return Together(
        seconds=statistics.median(each["joined"].mean for each in rounds),
        waited=statistics.median(each["joined"].waited for each in rounds),
        efficiency=ratio(rounds, "alone", "joined"),
        joining=ratio(rounds, "beside", "joined"),
        reductions=sizes,
        predicted=alone / step_seconds(steps, link, 2),
        predicted_by={
            "compute": statistics.fmean(beside),
            "stragglers": longest(beside, 2) - statistics.fmean(beside),
            "shuffling": 2 * batch_size * shuffle,
            "latency": 2 * link.alpha * len(sizes),
            "bytes": sum(sizes) * link.beta,
            "packing": sum(sizes) * link.gamma,
        },
    )


def measure(
    workers: Workers, name: str, preset: str, num_rounds: int, seconds: float
) -> tuple[Result, Link]:
    """Run the rounds of one recipe; also reductions between the same processes just before.

    Args:
        num_rounds: fewer where steps are long, but `FEWEST` if it is not below that.
        seconds: about what a side of a round takes; one step at least.
    """
    for connection in workers.everyone:
        connection.send((name, preset))
    told = [connection.recv() for connection in workers.everyone]
    for connection in workers.everyone:
        connection.recv()  # the first step
    about, per_epoch = told[0], [each["steps_per_epoch"] for each in told[1:3]]
    sides = {
        "alone": workers.single[:1],
        "beside": workers.single,
        "joined": workers.joined,
    }
    done = dict.fromkeys(workers.everyone, 1)

    def side(kind: str, num_steps: int) -> Side:
        return run(sides[kind], num_steps, done, per_epoch[kind == "joined"])

    step = side("beside", 2).mean
    num_steps = max(1, round(seconds / step))
    affordable = int(LIMIT / (len(sides) * num_steps * step))
    num_rounds = min(num_rounds, max(FEWEST, affordable))
    side("joined", 1)
    rounds = [{kind: side(kind, num_steps) for kind in sides} for _ in range(num_rounds)]
    for connection in workers.everyone:
        connection.send(0)
    gloo = fitted_link("gloo on this machine", [each["reductions"] for each in told[2:]])
    of_data = {"batch_size": about["batch_size"], "shuffle": about["shuffle"]}
    result = Result(
        recipe=name,
        preset=preset,
        data=about["data"],
        batch_size=about["batch_size"],
        num_steps=num_steps,
        alone=statistics.median(each["alone"].mean for each in rounds),
        beside=statistics.median(each["beside"].mean for each in rounds),
        memory=ratio(rounds, "alone", "beside"),
        joined=together(rounds, num_steps, link=gloo, **of_data),
        shuffle=about["shuffle"],
        steps_alone=tuple(step for each in rounds for step in each["alone"].steps),
    )
    return result, gloo


def fitted_link(name: str, measured: Sequence[dict[int, tuple[float, float]]]) -> Link:
    """alpha, beta and gamma from what two processes measured."""
    points = [(size, *seconds) for each in measured for size, seconds in each.items()]
    alpha, beta = fitted([size for size, *_ in points], [seconds for _, seconds, _ in points])
    packed = [packing / size for size, _, packing in points if size >= 256 << 10]
    return Link(name=name, alpha=alpha, beta=beta, gamma=statistics.median(packed))


def middle(links: Sequence[Link]) -> Link:
    """Of a link as it was before each recipe, the medians."""
    values = {
        name: statistics.median(getattr(link, name) for link in links)
        for name in ("alpha", "beta", "gamma")
    }
    return replace(links[0], **values)


# --- What is said -------------------------------------------------------------------------------


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.4g} ms"


def percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def of(ratio: Ratio) -> str:
    return f"{percent(ratio.median)} ({percent(ratio.low)} to {percent(ratio.high)})"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def tables(results: Sequence[Result], links: Sequence[Link]) -> Iterator[str]:
    """The Markdown tables of docs/scaling.md."""
    yield table(
        ("recipe", "batch of each", "alone", "beside", "memory", "joined", "efficiency"),
        [
            (
                f"`{r.recipe}`" + (f" ({r.preset})" if r.preset != "default" else ""),
                f"{r.batch_size:,}",
                milliseconds(r.alone),
                milliseconds(r.beside),
                percent(r.memory.median),
                milliseconds(r.joined.seconds),
                of(r.joined.efficiency),
            )
            for r in results
        ],
    )  # fmt: skip
    yield table(
        ("recipe", "reduced in a step", "takes", "efficiency", "predicted", *results[0].joined.predicted_by),
        [
            (
                f"`{r.recipe}`",
                f"{in_bytes(sum(r.joined.reductions))} in {len(r.joined.reductions)}",
                milliseconds(r.joined.waited),
                percent(r.joined.efficiency.median),
                percent(r.joined.predicted),
                *(milliseconds(seconds) for seconds in r.joined.predicted_by.values()),
            )
            for r in results
        ],
    )  # fmt: skip
    yield table(
        ("joined by", "alpha", "beta", "gamma", "a device's speed"),
        [
            (
                link.name + (" (assumed)" if link in links[1:] else ""),
                f"{1e6 * link.alpha:.3g} µs",
                f"{1e9 * link.beta:.3g} ns",
                f"{1e9 * link.gamma:.3g} ns",
                f"{link.speed:g}",
            )
            for link in links
        ],
    )
    yield table(
        ("recipe", "joined by", *(f"{count:,}" for count in COUNTS), "50 % up to"),
        [
            (
                f"`{r.recipe}`",
                link.name,
                *(f"{100 * efficiency(r.steps(), link, count):.0f} %" for count in COUNTS),
                f"{most_that_pay(r.steps(), link):,}",
            )
            for r in results
            for link in links
        ],
    )


def picture(results: Sequence[Result], link: Link) -> str:
    """The predicted efficiency of every recipe over the number of devices, as SVG."""
    counts = sorted({round(10 ** (n / 10)) for n in range(31)})
    series = [
        Series(
            name=f"{r.recipe}, measured with 2: {percent(r.joined.efficiency.median)}",
            points=[(count, efficiency(r.steps(), link, count)) for count in counts],
        )
        for r in results
    ]
    chart: Markup = line_chart(
        f"Efficiency, {link.name}", series, "devices", log_x=True, percent=True
    )
    return standalone(chart, [line.name for line in series])


# Longer than 60 lines: the options, and what is printed in its order.
def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="recipes, with commas between them")
    parser.add_argument("--all", action="store_true", help="all nine recipes, not the main four")
    parser.add_argument(
        "--rounds",
        type=int,
        help="of each recipe; 9, or 3 with --quick; fewer where steps are long",
    )
    parser.add_argument("--quick", action="store_true", help="short rounds, small networks")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON value instead of tables"
    )
    parser.add_argument(
        "--svg", type=Path, help="where the picture of gloo's efficiency is written"
    )
    options = parser.parse_args()
    if "TORCHCAMP_DATA" not in os.environ and NEIGHBOUR.is_dir():
        os.environ["TORCHCAMP_DATA"] = str(NEIGHBOUR)
    names = [name for name in options.only.split(",") if name]
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"unknown recipe {unknown[0]!r}; choose from {', '.join(NAMES)}")
    rest = [name for name in NAMES if name not in MAIN]
    names = names or [*MAIN, *(rest if options.all else [])]
    rounds = options.rounds or (3 if options.quick else 9)
    load_before, started = load(), time.perf_counter()
    workers = Workers()
    results: list[Result] = []
    measured: list[Link] = []
    try:
        for name in names:
            preset = "fast" if options.quick and name == "resnet" else "default"
            result, found = measure(workers, name, preset, rounds, 0.3 if options.quick else 0.8)
            results.append(result)
            measured.append(found)
            print(f"{name}: efficiency {of(result.joined.efficiency)}", file=sys.stderr, flush=True)
    finally:
        workers.end()
    machine = describe(CPU, load_before)
    gloo = middle(measured)
    links = [gloo, *(replace(link, gamma=gloo.gamma) for link in ASSUMED)]
    if options.svg:
        options.svg.write_text(picture(results, links[0]), encoding="utf-8")
    command = " ".join(["python", "benchmarks/scaling.py", *sys.argv[1:]])
    date = time.strftime("%Y-%m-%d")
    if options.json:
        value = {
            "command": command,
            "date": date,
            "machine": asdict(machine),
            "links": [asdict(link) for link in links],
            "recipes": [
                asdict(r)
                | {
                    "efficiency_by_devices": {
                        link.name: {count: efficiency(r.steps(), link, count) for count in COUNTS}
                        for link in links
                    }
                }
                for r in results
            ],
        }
        print(json.dumps(value, indent=1))
        return
    counts = sorted({result.joined.efficiency.num_pairs for result in results})
    print(
        f"`{command}`, {date}, {time.perf_counter() - started:.0f} s, "
        f"{' to '.join(map(str, counts))} rounds; "
        f"{machine_in_words(machine)}; load {machine.load_before} before\n"
    )
    print("\n\n".join(tables(results, links)))
    for result in results:
        ratio = result.joined.efficiency
        if result.recipe in MAIN:
            reached = "reached" if ratio.median >= GOAL else "not reached"
            print(f"\n{result.recipe}: {of(ratio)}, goal {percent(GOAL)}: {reached}")


if __name__ == "__main__":
    main()
