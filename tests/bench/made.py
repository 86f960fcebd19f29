"""A benchmark and a speedrun that nobody ran, for the tests of pages."""

from torchcamp.bench.benchmark import Benchmark
from torchcamp.bench.intervals import ratio_of
from torchcamp.bench.machine import Machine
from torchcamp.bench.pairs import ModelResult
from torchcamp.bench.peaks import Bandwidth, Peak, Peaks
from torchcamp.bench.peers import PeerResult
from torchcamp.bench.speedrun import Lap, Speedrun
from torchcamp.recipes.registry import NAMES

MACHINE = Machine(
    processor="A Processor", cores=2, threads=2, memory_bytes=16 * 10**9, system="Linux 6.1", device="cpu",
    device_name="A Processor", fast_bf16=True, python="3.11.7", torch="2.13.0", torchcamp="0.1.0",
    load_before=3.2, load_after=2.1,
)  # fmt: skip
PEAKS = Peaks(
    rates=tuple(
        Peak(
            work=work,
            precision=precision,
            threads=threads,
            flops_per_second=rate * threads,
            size="n",
        )
        for threads in (1, 2)
        for precision, rate in (("fp32", 9e10), ("bf16", 1.9e11))
        for work in ("matmul", "convolution")
    ),
    bandwidths=tuple(Bandwidth(threads=n, bytes_per_second=8e9 * n) for n in (1, 2)),
)
MODELS = tuple(
    ModelResult(
        model=name, preset="fast" if name == "resnet" else "default", data="mnist", batch_size=128,
        precision="bf16", threads=2, num_parameters=1000, num_steps=10, items_per_second=1e4 / n,
        plain_items_per_second=3e3 / n, flops_per_item=None if name == "gan" else 1e6 * n**1.3,
        peak_flops_per_second=3.8e11, peak_bytes=20_000_000 * n, speedup=ratio_of([1.2 * n, 1.3 * n, n]),
    )
    for n, name in enumerate(NAMES, 1)
)  # fmt: skip
PEERS = tuple(
    PeerResult(
        name=name, version="1.2", work="an epoch of something, 500 of these, 100 of those", precision=precision,
        seconds=0.018, peer_seconds=1.28, ratio=ratio_of([ratio, ratio * 1.1]),
    )
    for name, precision, ratio in (("hmmlearn", "fp32", 70.0), ("scikit-learn", "bf16", 1.7))
)  # fmt: skip
BENCHMARK = Benchmark(
    machine=MACHINE, peaks=PEAKS, models=MODELS, peers=PEERS, not_installed=("pomegranate",), quick=True
)  # fmt: skip
SPEEDRUN = Speedrun(
    recipe="cnn", preset="fast", data="mnist", epochs=1, precision="bf16", machine=MACHINE,
    laps=tuple(Lap(seed=n, seconds=15.0 + n, test_accuracy=0.994) for n in range(3)),
)  # fmt: skip
