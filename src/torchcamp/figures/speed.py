"""Lesson 14: how fast this machine is."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from torchcamp.base.plain import plain
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

    def answer(state: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        key = state["do"]
        if key == "none":
            return {"race": "none", "bars": [], "words": "Choose a race.", "gpu": gpu_words()}, []
        with torch.no_grad():
            bars, words = {
                "sizes": _sizes,
                "batches": lambda: _batches(network),
                "threads": _threads,
                "precision": _precision,
                "compile": _compiled,
            }[key]()
        return plain({"race": key, "bars": bars, "words": words, "gpu": gpu_words()}), []

    return Race(answer=answer, state={"do": "none"}, setup={"races": RACES})


def gpu() -> torch.device | None:
    """The GPU of this machine that PyTorch can use."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps") if torch.backends.mps.is_available() else None


def gpu_words() -> str:
    found = gpu()
    if found is None:
        return "This machine has no GPU that PyTorch can use: what you see is its CPU."
    name = torch.cuda.get_device_name(found) if found.type == "cuda" else "Apple's GPU"
    return f"This machine has a GPU: {name}."


def seconds(
    function: Callable[[], object], device: torch.device | None, *, wait: bool = True
) -> float:
    """Median seconds of a call on `device`, after a warm-up; with `wait`, until the device is done."""
    place = device or torch.device("cpu")
    function()
    synchronize(place)
    found: list[float] = []
    begun = time.perf_counter()
    while len(found) < 3 or time.perf_counter() - begun < SECONDS:
        start = time.perf_counter()
        function()
        if wait:
            synchronize(place)
        found.append(time.perf_counter() - start)
    synchronize(place)
    return statistics.median(found)


def _bar(label: str, value: float, note: str = "", kind: str = "") -> dict[str, Any]:
    return {"label": label, "seconds": value, "note": note, "kind": kind}


def _sizes() -> tuple[list[dict[str, Any]], str]:
    bars, device = [], gpu()
    for size in (8, 32, 128, 512, 1024):
        a = torch.randn(size, size)
        on_cpu = seconds(lambda a=a: a @ a, None)
        rate = 2 * size**3 / on_cpu / 1e9
        bars.append(_bar(f"CPU, {size} × {size}", on_cpu, f"{rate:.1f} GFLOP/s"))
        if device is not None:
            b = a.to(device)
            asked = seconds(lambda b=b: b @ b, device, wait=False)
            done = seconds(lambda b=b: b @ b, device)
            bars.append(
                _bar(
                    f"GPU, {size} × {size}, not waited for", asked, "how fast one can ask", "wrong"
                )
            )
            bars.append(_bar(f"GPU, {size} × {size}, until done", done, "", "second"))
    words = (
        "A product of 8 × 8 numbers has two million times fewer multiplications than one of 1024 × 1024, and takes "
        "nowhere near so much less: what is left is the cost of asking. On a GPU that cost is higher and the work faster, so "
        "small networks are quicker on the CPU. Bars are logarithmic."
    )
    return bars, words


def _batches(network: nn.Module) -> tuple[list[dict[str, Any]], str]:
    bars = []
    for size in (1, 8, 64, 256):
        images = torch.rand(size, 1, 28, 28)
        found = seconds(lambda images=images: network(images), None)
        bars.append(_bar(f"{size} at once", found / size, f"{1 / (found / size):,.0f} pictures/s"))
    words = (
        "Seconds for each picture through your CNN. One at a time, most of the time goes into calling Python and PyTorch; in a "
        "batch it is shared."
    )
    return bars, words


def _threads() -> tuple[list[dict[str, Any]], str]:
    bars, before = [], torch.get_num_threads()
    try:
        for number in sorted({1, 2, max(1, _cores())}):
            torch.set_num_threads(number)
            for size in (32, 1024):
                a = torch.randn(size, size)
                bars.append(
                    _bar(
                        f"{number} thread{'s' * (number > 1)}, {size} × {size}",
                        seconds(lambda a=a: a @ a, None),
                    )
                )
    finally:
        torch.set_num_threads(before)
    words = (
        "A second thread helps where there is work to share. A small product is not shared at all, and where another program "
        "needs the processor a thread that waits can make everything slower."
    )
    return bars, words


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _precision() -> tuple[list[dict[str, Any]], str]:
    bars = []
    a = torch.randn(1024, 1024)
    exact = a.double() @ a.double()
    for words, dtype in (
        ("64 bits", torch.float64),
        ("32 bits", torch.float32),
        ("16 bits, bfloat16", torch.bfloat16),
    ):
        b = a.to(dtype)
        off = float(((b @ b).double() - exact).abs().mean() / exact.abs().mean())
        bars.append(_bar(words, seconds(lambda b=b: b @ b, None), f"off by {off:.1e} of itself"))
    words = (
        "The same product of 1024 × 1024 numbers. Half the bits are half the memory to move; whether they are also faster "
        "depends on whether this processor has instructions for them."
    )
    return bars, words


COMPILED = """
import statistics, time, torch
torch.set_num_threads(1)
def f(x):
    for _ in range(12):
        x = torch.sin(x) * 0.5 + torch.cos(x) * 0.5
    return x
x = torch.randn(200_000)
def seconds(g):
    found = []
    for _ in range(30):
        start = time.perf_counter(); g(x); found.append(time.perf_counter() - start)
    return statistics.median(found)
eager = seconds(f)
g = torch.compile(f)
start = time.perf_counter(); g(x); first = time.perf_counter() - start
print("times", eager, first, seconds(g))
"""


def _compiled() -> tuple[list[dict[str, Any]], str]:
    """In a process of its own: compiling needs a C++ compiler and some time, and may fail."""
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
        _bar("as written", eager, "12 times sin and cos of 200,000 numbers"),
        _bar("compiled, first call", first, "compiling itself", "wrong"),
        _bar("compiled, each later call", later, f"{eager / later:.1f} times as fast", "second"),
    ]
    return bars, (
        "Written line by line, every operation reads and writes all numbers; compiled, one loop does all of them. The first call "
        "pays for it: whoever times the first call measures the compiler."
    )
