"""How the time and memory of every recipe grow with the work: exponents over a factor of 64.

    python benchmarks/cost.py [--only mlp,hmm] [--quick] [--json] [--html FILE]

Each recipe is measured at seven sizes of its data, of its batch, of its width and of what else it has
(sequence length, states, chains, Gibbs steps, latents, pixels of a picture), the others fixed. The exponent p of
cost = c * size^p is the slope of the line through the logarithms of the upper half of the sizes, where fixed
costs count least. Beside it stands the exponent by theory, of which the largest term counts: below it a
measured one may lie as long as smaller terms dominate. One more than 0.15 above it is a defect, and the
command ends with 1.

Time is the processor's, which others on the machine do not count into, of the shortest of several runs with
one thread in fp32: of one training step, or, for the data, of building the training and of one epoch. Memory
is the most that tensors hold at once (`torchcamp.bench.work`), the data
included where they are what grows. Pictures and texts are random: no cost depends on what they show.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from torchcamp.base.seeding import seed_everything
from torchcamp.bench.machine import describe, load
from torchcamp.bench.report import in_bytes, machine_in_words
from torchcamp.bench.scaling import exponent
from torchcamp.bench.work import work_of
from torchcamp.data.images import Images
from torchcamp.data.sequences import Sequences, Text
from torchcamp.pages.charts import Series, line_chart
from torchcamp.pages.page import style_sheet
from torchcamp.recipes.registry import NAMES, find_recipe
from torchcamp.recipes.settings import with_settings
from torchcamp.training.loop import Training, fit

CPU = torch.device("cpu")
FACTORS = (1, 2, 4, 8, 16, 32, 64)
SLACK = 0.15
TRIES = 3
NUM_CLASSES = 10
NUM_SYMBOLS = 20  # of a text, and of sequences


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What grows in a recipe.

    least: the smallest size; the largest is 64 times as large.
    settings: as for --set; {n} stands for the size.
    data: makes the data for a size.
    time, memory: exponents by theory.
    epoch: whether the cost is that of building and of one epoch, else that of one step.
    """

    recipe: str
    what: str
    least: int
    settings: str
    data: Callable[[int], Any]
    time: float = 1.0
    memory: float = 1.0
    preset: str = "default"
    epoch: bool = False

    def made(self, size: int) -> tuple[Any, Any]:
        """The recipe of a size, and its data."""
        data = self.data(size)
        settings = self.settings.format(n=size).split()
        recipe = with_settings(find_recipe(self.recipe, self.preset), [*settings, "epochs=1"])
        return recipe.for_data(data), data


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What was measured along an axis; `seconds` and `num_bytes` for each of the sizes."""

    recipe: str
    what: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    num_bytes: tuple[int, ...]
    time: float
    time_by_theory: float
    memory: float
    memory_by_theory: float

    @property
    def defects(self) -> list[str]:
        """The quantities that grow faster than theory has it."""
        found = {
            "time": self.time - self.time_by_theory,
            "memory": self.memory - self.memory_by_theory,
        }
        return [name for name, above in found.items() if above > SLACK]


# --- Data that no fetching needs ----------------------------------------------------------------


def pictures(number: int, side: int = 28, channels: int = 1) -> Images:
    rng = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (number, channels, side, side), generator=rng, dtype=torch.uint8)
    labels = torch.arange(number) % NUM_CLASSES
    return Images(
        name="random pictures",
        train_images=pixels,
        train_labels=labels,
        test_images=pixels[:NUM_CLASSES],
        test_labels=labels[:NUM_CLASSES],
        class_names=tuple("0123456789"),
    )


def text(length: int) -> Text:
    rng = torch.Generator().manual_seed(0)
    symbols = torch.randint(NUM_SYMBOLS, (length,), generator=rng)
    characters = "abcdefghijklmnopqrst"[:NUM_SYMBOLS]
    return Text(name="random text", characters=characters, train=symbols, test=symbols[:100])


def sequences(number: int, length: int) -> Sequences:
    rng = torch.Generator().manual_seed(0)
    symbols = torch.randint(NUM_SYMBOLS, (number, length), generator=rng)
    lengths = torch.full((number,), length)
    return Sequences(
        name="random sequences",
        num_symbols=NUM_SYMBOLS,
        train=symbols,
        train_lengths=lengths,
        test=symbols[:1],
        test_lengths=lengths[:1],
        symbols=tuple(map(str, range(NUM_SYMBOLS))),
    )


def photographs(number: int, side: int = 32) -> Images:
    return pictures(number, side, channels=3)


# --- What grows in which recipe -----------------------------------------------------------------

RESNET = "channels={n},{n},{n},{n} blocks=0,0,0,1"
SMALL_RESNET = RESNET.format(n=8)
# Every batch, with a batch's number of pictures, is one step.
AXES = (
    Axis(recipe="mlp", what="data", least=128, settings="batch_size=32", data=pictures, epoch=True),
    Axis(recipe="mlp", what="batch", least=32, settings="batch_size={n}", data=pictures),
    Axis(recipe="mlp", what="width", least=32, settings="hidden_dims={n},{n} batch_size=64",
         data=lambda n: pictures(64), time=2, memory=2),
    Axis(recipe="cnn", what="data", least=64, settings="batch_size=32 channels=4,8,8", data=pictures, epoch=True),
    Axis(recipe="cnn", what="batch", least=8, settings="batch_size={n} channels=8,16,16", data=pictures),
    Axis(recipe="cnn", what="width", least=2, settings="channels={n},{n},{n} batch_size=8",
         data=lambda n: pictures(8), time=2, memory=2),
    Axis(recipe="resnet", what="data", least=64, settings=f"batch_size=32 {SMALL_RESNET}", data=photographs, epoch=True),
    Axis(recipe="resnet", what="batch", least=4, settings=f"batch_size={{n}} {SMALL_RESNET}", data=photographs),
    # Muon multiplies matrices of (width, 9 width).
    Axis(recipe="resnet", what="width", least=2, settings=f"batch_size=8 {RESNET}",
         data=lambda n: photographs(8), time=3, memory=2),
    Axis(recipe="resnet", what="pixels", least=256, settings=f"batch_size=8 stem=2x2 {SMALL_RESNET}",
         data=lambda n: photographs(8, round(n**0.5))),
    Axis(recipe="hmm", what="data", least=64, settings="batch_size=64 num_states=16", data=pictures, epoch=True),
    Axis(recipe="hmm", what="batch", least=32, settings="batch_size={n} num_states=32", data=pictures),
    Axis(recipe="hmm", what="states", least=16, settings="batch_size=32 num_states={n}",
         data=lambda n: pictures(32), time=2, memory=2),
    Axis(recipe="hmm", preset="sequences", what="length", least=16, settings="num_states=16",
         data=lambda n: sequences(64, n)),
    Axis(recipe="hmm", preset="sequences", what="sequences", least=16, settings="num_states=16",
         data=lambda n: sequences(n, 32)),
    Axis(recipe="rbm", what="data", least=64, settings="batch_size=32 num_hidden=64 num_chains=32", data=pictures, epoch=True),
    Axis(recipe="rbm", what="batch", least=16, settings="batch_size={n} num_hidden=128 num_chains=16", data=pictures),
    Axis(recipe="rbm", what="width", least=32, settings="batch_size=32 num_hidden={n} num_chains=32",
         data=lambda n: pictures(32)),
    Axis(recipe="rbm", what="chains", least=32, settings="batch_size=32 num_hidden=128 num_chains={n}",
         data=lambda n: pictures(32)),
    Axis(recipe="rbm", what="Gibbs steps", least=1, settings="batch_size=32 num_hidden=128 num_chains=32 num_gibbs_steps={n}",
         data=lambda n: pictures(32), memory=0),
    Axis(recipe="vae", what="data", least=64, settings="batch_size=32 hidden_dim=64", data=pictures, epoch=True),
    Axis(recipe="vae", what="batch", least=16, settings="batch_size={n}", data=pictures),
    Axis(recipe="vae", what="width", least=16, settings="batch_size=32 hidden_dim={n}",
         data=lambda n: pictures(32), time=2, memory=2),
    Axis(recipe="vae", what="latents", least=8, settings="batch_size=32 latent_dim={n}", data=lambda n: pictures(32)),
    Axis(recipe="rnn", what="data", least=64, settings="batch_size=32 hidden_size=32 row_units=4", data=pictures, epoch=True),
    Axis(recipe="rnn", what="batch", least=4, settings="batch_size={n} hidden_size=64", data=pictures),
    Axis(recipe="rnn", what="width", least=8, settings="batch_size=8 hidden_size={n}",
         data=lambda n: pictures(8), time=2, memory=2),
    Axis(recipe="rnn", preset="text", what="length", least=16, settings="batch_size=4 window={n} hidden_size=64",
         data=lambda n: text(4 * n + 1)),
    Axis(recipe="gan", what="data", least=64, settings="batch_size=32 channels=4", data=pictures, epoch=True),
    Axis(recipe="gan", what="batch", least=8, settings="batch_size={n} channels=16", data=pictures),
    Axis(recipe="gan", what="width", least=2, settings="batch_size=8 channels={n}",
         data=lambda n: pictures(8), time=2, memory=2),
    Axis(recipe="cgan", what="data", least=64, settings="batch_size=32 channels=4", data=pictures, epoch=True),
    Axis(recipe="cgan", what="batch", least=8, settings="batch_size={n} channels=16", data=pictures),
    Axis(recipe="cgan", what="width", least=2, settings="batch_size=8 channels={n}",
         data=lambda n: pictures(8), time=2, memory=2),
)  # fmt: skip


# --- Measuring ----------------------------------------------------------------------------------


def built(recipe: Any, data: Any) -> Training:
    training = recipe.build(CPU, data)
    training.evaluate, training.sample = dict, None
    return training


def epoch(recipe: Any, data: Any) -> None:
    """Build the training and train for one epoch."""
    fit(built(recipe, data), num_epochs=1, device=CPU)


def one_step(training: Training) -> Callable[[], object]:
    return lambda: training.step(next(iter(training.batches.epoch(0))))


def shortest(run: Callable[[], object], seconds: float) -> float:
    """Seconds of the shortest of several runs, which take about `seconds` together, three at the least."""
    run()
    times: list[float] = []
    while len(times) < 3 or sum(times) < seconds:
        started = time.process_time()
        run()
        times.append(time.process_time() - started)
    return min(times)


def cost(axis: Axis, size: int, seconds: float) -> tuple[float, int]:
    """Seconds, and the most bytes at once."""
    seed_everything(0)
    recipe, data = axis.made(size)
    if axis.epoch:
        taken = shortest(lambda: epoch(recipe, data), seconds)
        return taken, work_of(lambda: epoch(*axis.made(size)), {}).peak_bytes
    training = built(recipe, data)
    taken = shortest(one_step(training), seconds)
    return taken, work_of(one_step(training), training.state).peak_bytes


def growth(axis: Axis, factors: Sequence[int], seconds: float) -> Growth:
    """Measure every size. What seems to be a defect is measured again, and the shorter times count: others on
    the machine can make a step longer, through its caches, but never shorter."""
    sizes = tuple(axis.least * factor for factor in factors)
    upper = slice(len(sizes) // 2, None)
    times = (float("inf"),) * len(sizes)
    found: Growth | None = None
    for _ in range(TRIES):
        taken, num_bytes = zip(*(cost(axis, size, seconds) for size in sizes), strict=True)
        times = tuple(map(min, times, taken))
        found = Growth(
            recipe=axis.recipe,
            what=axis.what,
            sizes=sizes,
            seconds=times,
            num_bytes=num_bytes,
            time=exponent(sizes[upper], times[upper]),
            time_by_theory=axis.time,
            memory=exponent(sizes[upper], num_bytes[upper]),
            memory_by_theory=axis.memory,
        )
        if not found.defects:
            break
    assert found
    return found


# --- What is said -------------------------------------------------------------------------------


def milliseconds(seconds: float) -> str:
    value = 1000 * seconds
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.3g} ms"


def table(growths: Iterable[Growth]) -> str:
    """The Markdown table of docs/performance.md."""
    lines = [
        "| recipe | what grows | from, to | time | exponent | theory | memory | exponent | theory |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for each in growths:
        first, last = each.num_bytes[0], each.num_bytes[-1]
        mark = {name: " (defect)" if name in each.defects else "" for name in ("time", "memory")}
        lines.append(
            f"| `{each.recipe}` | {each.what} | {each.sizes[0]:,}, {each.sizes[-1]:,} "
            f"| {milliseconds(each.seconds[0])}, {milliseconds(each.seconds[-1])} "
            f"| {each.time:.2f}{mark['time']} | {each.time_by_theory:g} "
            f"| {in_bytes(first)}, {in_bytes(last)} "
            f"| {each.memory:.2f}{mark['memory']} | {each.memory_by_theory:g} |"
        )
    return "\n".join(lines)


def page(growths: Sequence[Growth], words: str) -> str:
    """Charts of time and of memory over the factor by which each thing grows, as an offline page."""
    parts = []
    for what in dict.fromkeys(each.what for each in growths):
        some = [each for each in growths if each.what == what]
        parts.append(f"<h2>{what}</h2><div class='row'>")
        for title, unit, values in (
            ("Time", "ms", [[1000 * s for s in each.seconds] for each in some]),
            ("Memory", "MB", [[n / 1e6 for n in each.num_bytes] for each in some]),
        ):
            series = [
                Series(
                    name=f"{each.recipe}, exponent {each.time if unit == 'ms' else each.memory:.2f}",
                    points=[(float(n), y) for n, y in zip(each.sizes, ys, strict=True)],
                    marks=True,
                )
                for each, ys in zip(some, values, strict=True)
            ]
            chart = line_chart(f"{title} in {unit}", series, what, log_x=True, log_y=True)
            parts.append(f"<div class='panel'><h3>{title} in {unit}</h3>{chart}</div>")
        parts.append("</div>")
    head = (
        "<meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>"
    )
    title = "How cost grows with the work"
    return (
        f"<!doctype html><html lang='en'><head>{head}<title>{title}</title><style>{style_sheet()}</style></head>"
        f"<body><main><h1>{title}</h1><p class='soft'>{words}</p>{''.join(parts)}</main></body></html>\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="recipes, with commas between them")
    parser.add_argument("--quick", action="store_true", help="every second size, short runs")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON value instead of a table"
    )
    parser.add_argument("--html", type=Path, help="where a page with charts is written")
    options = parser.parse_args()
    names = [name for name in options.only.split(",") if name] or list(NAMES)
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"unknown recipe {unknown[0]!r}; choose from {', '.join(NAMES)}")
    torch.set_num_threads(1)
    load_before, started = load(), time.perf_counter()
    factors, seconds = (FACTORS[::2], 0.05) if options.quick else (FACTORS, 0.15)
    growths = []
    for axis in (axis for axis in AXES if axis.recipe in names):
        growths.append(growth(axis, factors, seconds))
        done = growths[-1]
        print(
            f"{done.recipe}, {done.what}: {done.time:.2f}, {done.memory:.2f}",
            file=sys.stderr,
            flush=True,
        )
    machine = describe(CPU, load_before)
    command = " ".join(["python", "benchmarks/cost.py", *sys.argv[1:]])
    words = (
        f"{command}, {time.strftime('%Y-%m-%d')}, {time.perf_counter() - started:.0f} s; "
        f"{machine_in_words(machine)}; load {machine.load_before} before"
    )
    if options.html:
        options.html.write_text(page(growths, words), encoding="utf-8")
    if options.json:
        print(
            json.dumps(
                {
                    "command": command,
                    "machine": asdict(machine),
                    "growths": [asdict(g) for g in growths],
                }
            )
        )
    else:
        print(f"{words}\n\n{table(growths)}")
    defects = [f"{each.recipe}, {each.what}: {name}" for each in growths for name in each.defects]
    if defects:
        sys.exit(f"grows faster than theory has it: {'; '.join(defects)}")


if __name__ == "__main__":
    main()
