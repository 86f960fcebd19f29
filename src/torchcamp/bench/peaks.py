"""The rates that no network on this machine can exceed: matrix products, convolutions, copies.

Each rate is the best of several runs of a few sizes: a limit is what was reached, and what a neighbour
slows down is not the machine. A network's rate is held against the better of the products' and the
convolutions', in its precision and with its threads.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from torchcamp.training.devices import has_fast_bf16, synchronize

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
# Sides of square matrices, and (pictures, channels, side) of 3x3 convolutions at stride 1.
SIDES = {"cpu": (512, 1024, 2048), "other": (2048, 4096, 8192)}
CONVOLUTIONS = {
    "cpu": ((16, 64, 28), (32, 128, 14), (64, 256, 14)),
    "other": ((256, 64, 28), (256, 128, 28), (256, 256, 14)),
}
NUM_SMALLER = 2  # of these, in a quick measurement
COPIED_BYTES = 2**28  # more than most processors' caches hold
LEAST_RUNS = 3


@dataclass(frozen=True, kw_only=True)
class Peak:
    """The best rate of one kind of work.

    work: matmul or convolution.
    threads: of the CPU; None on another device.
    size: the shapes with which it was reached.
    """

    work: str
    precision: str
    threads: int | None
    flops_per_second: float
    size: str


@dataclass(frozen=True, kw_only=True)
class Bandwidth:
    """Bytes read and written per second by a copy in main memory (or the device's)."""

    threads: int | None
    bytes_per_second: float


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """Everything that was measured."""

    rates: tuple[Peak, ...]
    bandwidths: tuple[Bandwidth, ...]

    def best(self, precision: str, threads: int | None) -> float:
        """The most FLOPs per second of any work in this precision with so many threads."""
        return max(
            peak.flops_per_second
            for peak in self.rates
            if (peak.precision, peak.threads) == (precision, threads)
        )


def precisions_of(device: torch.device) -> tuple[str, ...]:
    """fp32, and bf16 where the device multiplies it in hardware."""
    return ("fp32", "bf16") if has_fast_bf16(device) else ("fp32",)


def thread_counts(device: torch.device) -> tuple[int | None, ...]:
    """One and all on the CPU; another device has no threads to choose."""
    if device.type != "cpu":
        return (None,)
    return tuple(dict.fromkeys((1, torch.get_num_threads())))


def measure_peaks(
    device: torch.device,
    *,
    quick: bool = False,
    seconds: float = 0.5,
    tell: Callable[[float], None] = lambda share: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Peaks:
    """Measure every rate.

    Args:
        quick: the smaller sizes only.
        seconds: that the runs of one size take together, at least `LEAST_RUNS` of them.
        tell: called with the share that is done.
        clock: gives seconds; `time.thread_time` where one thread computes on a busy machine.
    """
    kind = "cpu" if device.type == "cpu" else "other"
    number = NUM_SMALLER if quick else None
    jobs = [
        (threads, precision, work, sizes[kind][:number])
        for threads in thread_counts(device)
        for precision in precisions_of(device)
        for work, sizes in (("matmul", SIDES), ("convolution", CONVOLUTIONS))
    ]
    rates = []
    for done, (threads, precision, work, sizes) in enumerate(jobs):
        tell(done / len(jobs))
        with using_threads(threads), torch.no_grad():
            rates.append(_best(work, sizes, precision, threads, device, seconds, clock))
    bandwidths = []
    for threads in thread_counts(device):
        with using_threads(threads):
            rate = _copy(device, seconds, clock)
            bandwidths.append(Bandwidth(threads=threads, bytes_per_second=rate))
    return Peaks(rates=tuple(rates), bandwidths=tuple(bandwidths))


def better(first: Peaks, second: Peaks) -> Peaks:
    """The higher of each rate: a neighbour that is busy for a while lowers one of the two."""
    return Peaks(
        rates=tuple(
            max(pair, key=lambda peak: peak.flops_per_second)
            for pair in zip(first.rates, second.rates, strict=True)
        ),
        bandwidths=tuple(
            max(pair, key=lambda each: each.bytes_per_second)
            for pair in zip(first.bandwidths, second.bandwidths, strict=True)
        ),
    )


@contextlib.contextmanager
def using_threads(number: int | None) -> Iterator[None]:
    """Compute with so many threads inside the block; None leaves them alone."""
    before = torch.get_num_threads()
    if number is not None:
        torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def best_seconds(
    run: Callable[[], object],
    device: torch.device,
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """The shortest time of `run`, over `seconds` and at least `LEAST_RUNS` runs after a warm-up."""
    run()
    synchronize(device)
    times: list[float] = []
    while len(times) < LEAST_RUNS or sum(times) < seconds:
        started = clock()
        run()
        synchronize(device)
        times.append(clock() - started)
    return min(times)


def matmul_flops(side: int) -> int:
    """Of the product of two square matrices; a multiplication and an addition are two."""
    return 2 * side**3


def convolution_flops(num_images: int, channels: int, side: int) -> int:
    """Of a 3x3 convolution at stride 1 with padding, from as many channels to as many."""
    return 2 * num_images * side**2 * 9 * channels**2


def _best(
    work: str,
    sizes: Sequence[int] | Sequence[tuple[int, int, int]],
    precision: str,
    threads: int | None,
    device: torch.device,
    seconds: float,
    clock: Callable[[], float],
) -> Peak:
    """The highest rate over the sizes."""
    found: list[Peak] = []
    for size in sizes:
        run, flops, words = (
            _matmul(size, precision, device)
            if isinstance(size, int)
            else _convolution(*size, precision, device)
        )
        found.append(
            Peak(
                work=work,
                precision=precision,
                threads=threads,
                flops_per_second=flops / best_seconds(run, device, seconds, clock),
                size=words,
            )
        )
    return max(found, key=lambda peak: peak.flops_per_second)


def _matmul(
    side: int, precision: str, device: torch.device
) -> tuple[Callable[[], Tensor], int, str]:
    left, right = (torch.randn(side, side).to(device, DTYPES[precision]) for _ in range(2))
    out = torch.empty_like(left)
    words = f"{side}x{side} by {side}x{side}"
    return lambda: torch.mm(left, right, out=out), matmul_flops(side), words


def _convolution(
    num_images: int, channels: int, side: int, precision: str, device: torch.device
) -> tuple[Callable[[], Tensor], int, str]:
    images = torch.randn(num_images, channels, side, side).to(device, DTYPES[precision])
    images = images.to(memory_format=torch.channels_last)
    weight = torch.randn(channels, channels, 3, 3).to(device, DTYPES[precision])
    weight = weight.to(memory_format=torch.channels_last)
    words = f"3x3, {num_images}x{channels}x{side}x{side}"
    flops = convolution_flops(num_images, channels, side)
    return lambda: F.conv2d(images, weight, padding=1), flops, words


def _copy(device: torch.device, seconds: float, clock: Callable[[], float]) -> float:
    """Bytes per second, of which half are read and half written."""
    source = torch.zeros(COPIED_BYTES // 4, device=device)
    target = torch.ones_like(source)
    taken = best_seconds(lambda: target.copy_(source), device, seconds, clock)
    return 2 * COPIED_BYTES / taken
