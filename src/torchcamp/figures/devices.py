"""Lesson 14: how fast this machine is, on its CPU and on its GPU."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import nn

from torchcamp.base.plain import plain
from torchcamp.base.wire import Answer, State
from torchcamp.training.devices import synchronize
from torchcamp.widgets.race import Race

RACES = [
    ["sizes", "small and large"],
    ["batches", "one picture or many"],
    ["threads", "threads"],
    ["precision", "16 bits"],
    ["compile", "compiled"],
]
SECONDS = 0.12  # spent on each measurement
COMPILE_SECONDS = 90.0


def race(network: nn.Module) -> Race:
    """Races on this machine; `network` is the learner's CNN."""

    def answer(state: State) -> Answer:
        key = state["do"]
        if key == "none":
            return {"race": "none", "bars": [], "words": "Choose a race.", "gpu": _gpu_note()}, []
        with torch.no_grad():
            bars, explanation = {
                "sizes": _sizes,
                "batches": lambda: _batches(network),
                "threads": _threads,
                "precision": _precision,
                "compile": _compiled,
            }[key]()
        reply = {
            "race": key,
            "bars": [asdict(bar) for bar in bars],
            "words": explanation,
            "gpu": _gpu_note(),
        }
        return plain(reply), []

    return Race(answer=answer, state={"do": "none"}, setup={"races": RACES})


def gpu() -> torch.device | None:
    """This machine's GPU if PyTorch can use it, or None."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps") if torch.backends.mps.is_available() else None


def _gpu_note() -> str:
    device = gpu()
    if device is None:
        return "This machine has no GPU that PyTorch can use: what you see is its CPU."
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "Apple's GPU"
    return f"This machine has a GPU: {name}."


def seconds(
    function: Callable[[], object], device: torch.device | None, *, wait: bool = True
) -> float:
    """Median seconds per call on `device` (None: CPU), after a warm-up.

    Args:
        wait: whether to include the wait until the device has finished.
    """
    device = device or torch.device("cpu")
    function()
    synchronize(device)
    times: list[float] = []
    started = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - started < SECONDS:
        start = time.perf_counter()
        function()
        if wait:
            synchronize(device)
        times.append(time.perf_counter() - start)
    synchronize(device)
    return statistics.median(times)


@dataclass(frozen=True)
class Bar:
    """One measurement: its caption, median seconds, a note, and how it is coloured."""

    label: str
    seconds: float
    note: str = ""
    kind: str = ""  # `wrong`, `second`, or the usual colour


Measured = tuple[list[Bar], str]  # the bars of a race, and what they show


def _sizes() -> Measured:
    bars, device = [], gpu()
    for size in (8, 32, 128, 512, 1024):
        a = torch.randn(size, size)
        on_cpu = seconds(lambda a=a: a @ a, None)
        rate = 2 * size**3 / on_cpu / 1e9
        bars.append(Bar(f"CPU, {size} × {size}", on_cpu, f"{rate:.1f} GFLOP/s"))
        if device is not None:
            b = a.to(device)
            queued = seconds(lambda b=b: b @ b, device, wait=False)
            done = seconds(lambda b=b: b @ b, device)
            bars.append(
                Bar(f"GPU, {size} × {size}, not waiting", queued, "time to queue it", "wrong")
            )
            bars.append(Bar(f"GPU, {size} × {size}, until done", done, "", "second"))
    explanation = (
        "An 8 × 8 product needs two million times fewer multiplications than a 1024 × 1024 one, but is nowhere near two "
        "million times faster: what remains is the cost of the call. On a GPU the call costs more and the arithmetic less, "
        "so small networks are quicker on the CPU. If the largest products are slower per operation, their matrices no longer "
        "fit into the fast memory beside the core. The bars are logarithmic."
    )
    return bars, explanation


def _batches(network: nn.Module) -> Measured:
    bars = []
    for size in (1, 8, 64, 256):
        images = torch.rand(size, 1, 28, 28)
        each = seconds(lambda images=images: network(images), None) / size
        bars.append(Bar(f"{size} at once", each, f"{1 / each:,.0f} pictures/s"))
    explanation = (
        "Seconds per picture through your CNN. One at a time, most of the time goes into calling Python and PyTorch; in a "
        "batch, all pictures share that cost. In a very large one what the layers make no longer fits into the fast memory "
        "beside the core, and the time per picture can rise again."
    )
    return bars, explanation


def _threads() -> Measured:
    bars, before = [], torch.get_num_threads()
    try:
        for number in sorted({1, 2, max(1, _cores())}):
            torch.set_num_threads(number)
            for size in (32, 1024):
                a = torch.randn(size, size)
                bars.append(
                    Bar(
                        f"{number} thread{'s' * (number > 1)}, {size} × {size}",
                        seconds(lambda a=a: a @ a, None),
                    )
                )
    finally:
        torch.set_num_threads(before)
    explanation = (
        "A second thread helps where there is work to share. A small product is not shared at all, and if another program "
        "needs the processor, waiting for the slower thread can slow everything down."
    )
    return bars, explanation


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _precision() -> Measured:
    bars = []
    a = torch.randn(1024, 1024)
    exact = a.double() @ a.double()
    for label, dtype in (
        ("64 bits", torch.float64),
        ("32 bits", torch.float32),
        ("16 bits, bfloat16", torch.bfloat16),
    ):
        b = a.to(dtype)
        error = float(((b @ b).double() - exact).abs().mean() / exact.abs().mean())
        bars.append(Bar(label, seconds(lambda b=b: b @ b, None), f"relative error {error:.1e}"))
    explanation = (
        "The same 1024 × 1024 product. Half the bits are half the memory to move; whether they are also faster depends on "
        "whether this processor has instructions for them."
    )
    return bars, explanation


COMPILED = """
import statistics, time, torch
torch.set_num_threads(1)
def f(x):
    for _ in range(12):
        x = torch.sin(x) * 0.5 + torch.cos(x) * 0.5
    return x
x = torch.randn(200_000)
def seconds(g):
    times = []
    for _ in range(30):
        start = time.perf_counter(); g(x); times.append(time.perf_counter() - start)
    return statistics.median(times)
eager = seconds(f)
g = torch.compile(f)
start = time.perf_counter(); g(x); first = time.perf_counter() - start
print("times", eager, first, seconds(g))
"""


def _compiled() -> Measured:
    """Runs in a separate process: compiling needs a C++ compiler, takes a while, and may fail."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", COMPILED],
            capture_output=True,
            text=True,
            timeout=COMPILE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return [], f"Compiling took more than {COMPILE_SECONDS:.0f} seconds and was stopped."
    line = next((each for each in done.stdout.splitlines() if each.startswith("times")), None)
    if line is None:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return [], f"torch.compile does not work here (it needs a C++ compiler): {reason[:200]}"
    eager, first, later = (float(each) for each in line.split()[1:])
    bars = [
        Bar("as written", eager, "12 times sin and cos of 200,000 numbers"),
        Bar("compiled, first call", first, "includes compiling", "wrong"),
        Bar("compiled, each later call", later, f"{eager / later:.1f} times as fast", "second"),
    ]
    return bars, (
        "As written, every operation reads and writes all numbers; compiled, one loop does all operations. The first call "
        "pays for it: time that one, and you measure the compiler."
    )
