"""A benchmark, or a speedrun, as one offline page."""

from collections.abc import Sequence

from torchcamp.bench.benchmark import Benchmark
from torchcamp.bench.intervals import Ratio
from torchcamp.bench.machine import Machine
from torchcamp.bench.pairs import ModelResult
from torchcamp.bench.peaks import COPIED_BYTES
from torchcamp.bench.speedrun import Speedrun
from torchcamp.pages.charts import ticks
from torchcamp.pages.numbers import amount, duration
from torchcamp.pages.page import render_page


def render_benchmark(result: Benchmark) -> str:
    """The page of `torchcamp bench`: shares of the peak, ratios with their intervals, peaks."""
    models = sorted(result.models, key=lambda model: -(model.fraction_of_peak or 0))
    shares = [model.fraction_of_peak or 0.0 for model in models]
    return render_page(
        "bench/bench.html",
        title="How fast this machine trains",
        command=" ".join(["torchcamp bench", *(["--quick"] if result.quick else [])]),
        result=result,
        machine=machine_in_words(result.machine),
        busy=was_busy(result.machine),
        best=best_rates(result),
        models=models,
        data=data_in_words(models),
        axis=ratio_axis([model.speedup for model in models]),
        peer_axis=ratio_axis([peer.ratio for peer in result.peers]),
        share_axis=ticks(0.0, max([0.01, *shares])),
        copied=COPIED_BYTES,
        percent=percent,
        times=lambda value: f"{value:g}",
        times_of=times,
        flops=in_flops,
        bytes=in_bytes,
        num=rate,
        amount=amount,
        duration=duration,
    )


def render_speedrun(result: Speedrun) -> str:
    """The page of `torchcamp bench speedrun`."""
    return render_page(
        "bench/speedrun.html",
        title=f"{result.recipe} --preset {result.preset} on MNIST",
        result=result,
        machine=machine_in_words(result.machine),
        busy=was_busy(result.machine),
    )


def ratio_axis(ratios: Sequence[Ratio]) -> list[float]:
    """Round numbers from 0 to the largest end of an interval, or to 1."""
    return ticks(0.0, max([1.0, *(ratio.high for ratio in ratios)]))


def best_rates(result: Benchmark) -> dict[str, float]:
    """Precision -> the best FLOPs per second, with as many threads as the recipes had."""
    threads = result.machine.threads if result.machine.device == "cpu" else None
    precisions = dict.fromkeys(peak.precision for peak in result.peaks.rates)
    return {precision: result.peaks.best(precision, threads) for precision in precisions}


def data_in_words(models: Sequence[ModelResult]) -> list[str]:
    """`mnist for mlp, cnn`, one for each data set."""
    by_data: dict[str, list[str]] = {}
    for model in models:
        by_data.setdefault(model.data, []).append(model.model)
    return [f"{data} for {', '.join(names)}" for data, names in by_data.items()]


def machine_in_words(machine: Machine) -> str:
    """`AMD EPYC, 2 cores, 2 threads, 25 GB, bf16 in hardware; torch 2.13.0; Linux 6.1`."""
    device = "" if machine.device == "cpu" else f"{machine.device_name} ({machine.device}); "
    cores = f"{machine.cores} core{'s' * (machine.cores != 1)}"
    threads = f"{machine.threads} thread{'s' * (machine.threads != 1)}"
    bf16 = "bf16 in hardware" if machine.fast_bf16 else "no bf16 in hardware"
    return (
        f"{device}{machine.processor}, {cores}, {threads}, {in_bytes(machine.memory_bytes)}, "
        f"{bf16}; torch {machine.torch}, torchcamp {machine.torchcamp}; {machine.system}"
    )


def was_busy(machine: Machine) -> bool:
    """Whether others wanted half a core or more in the minute before the benchmark."""
    return machine.load_before >= 0.5


def rate(value: float) -> str:
    """Three digits: `12,300`, `98.4`."""
    digits = f"{value:.3g}"
    number = float(digits)
    return f"{number:,.0f}" if number >= 100 else digits


def times(ratio: float) -> str:
    """`2.94`, `71.9`."""
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}"


def in_flops(value: float) -> str:
    """`45.2 GFLOP/s`."""
    return _scaled(value, (("TFLOP/s", 1e12), ("GFLOP/s", 1e9), ("MFLOP/s", 1e6)))


def in_bytes(value: float) -> str:
    """`6.61 GB`; powers of 1,000."""
    return _scaled(value, (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)))


def percent(share: float | None) -> str:
    """`31 %`, `4.7 %`; a dash where it was not counted."""
    if share is None:
        return "–"
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


def _scaled(value: float, units: Sequence[tuple[str, float]]) -> str:
    unit, scale = next((each for each in units if value >= each[1]), units[-1])
    return f"{value / scale:.3g} {unit}"
