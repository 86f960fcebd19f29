"""CPU and GPU: few fast cores and many slow ones, two memories, the bus between them, the queue."""

import time

import torch

from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

SIZES = (8, 1024)  # of the matrices whose product is timed
CODE = """\
device = "cuda" if torch.cuda.is_available() else "cpu"
network = network.to(device)  # once
for images, labels in batches:
    images = images.to(device)  # over the bus, for each batch
    loss = step(network, images)  # only puts work into the queue
    if step_number % 100 == 0:
        print(loss.item())  # waits until the GPU has finished"""


def whole() -> Schema:
    """The two devices, and what a matrix product takes on this machine's CPU."""
    timed = {size: seconds(size) for size in SIZES}
    return schema(lambda example: draw(timed))


def seconds(size: int) -> float:
    """Seconds of a product of two (size, size) matrices on this CPU: the best of several calls."""
    a = torch.rand(size, size)
    calls = max(3, int(2e7 / size**3))
    torch.mm(a, a)
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(min(calls, 2000)):
            torch.mm(a, a)
        best = min(best, (time.perf_counter() - began) / min(calls, 2000))
    return best


# Longer than 60 lines: a drawing is the list of its parts and steps.
def draw(timed: dict[int, float]) -> Drawing:
    """The drawing. timed: size of the matrices -> seconds of their product."""
    small, large = (timed[size] for size in SIZES)
    drawing = Drawing(
        summary=(
            "A CPU has a few fast cores and the main memory; a GPU has thousands of slow ones and a memory of "
            "its own. Data go from one memory to the other over a bus, a bundle of wires. The CPU puts work into the GPU's "
            "queue and goes on without waiting."
        ),
        code=(CODE,),
    )
    drawing.box("program", "your program", (120, 56), (82, 40), size=(140, 44), lines=["for images"], note="Python runs on the CPU, always.")  # fmt: skip
    drawing.cells("cpu", torch.ones(2, 2), (120, 170), (82, 180), cell=44, label="CPU", detail="a few fast cores",
        note="Each core can do anything quickly, one thing after another.")  # fmt: skip
    drawing.box("memory", "main memory", (120, 290), (82, 330), size=(120, 44), lines=["for images"], note="Where your pictures are after loading.")  # fmt: skip
    drawing.box("queue", "queue", (440, 56), (282, 40), size=(180, 40), narrowSize=(100, 40), detail="", tone="second", lines=["loss = step"],
        note="Work that the GPU has still to do. To put something in takes some microseconds.")  # fmt: skip
    drawing.cells("gpu", torch.ones(8, 16), (740, 150), (262, 180), cell=10.5, label="GPU", detail="thousands of slow cores",
        note="All cores do the same operation on different numbers.")  # fmt: skip
    drawing.box("gpu_memory", "GPU memory", (740, 290), (270, 400), size=(140, 44), lines=["network.to(device)"], note="Fast and small. What a GPU computes with must lie here.")  # fmt: skip
    drawing.arrow("program", "cpu")
    drawing.arrow("cpu", "memory", headless=True)
    drawing.arrow("program", "queue", label="queues")
    drawing.arrow("queue", "gpu")
    drawing.arrow("memory", "gpu_memory", label=".to(device)", lines=["images = images.to"])
    drawing.arrow("gpu_memory", "gpu", headless=True)
    drawing.arrow(
        "gpu",
        "program",
        name="result",
        bend=70,
        narrowBend=0,
        backward=True,
        onlyLit=True,
        label=".item()",
        lines=["loss.item()"],
    )
    drawing.step(
        "Few fast cores",
        "A CPU has a handful of cores that can do anything. Python runs here. A network's step is a row of operations on tensors: products, sums, maxima.",
        ["program", "program>cpu", "cpu", "memory"],
    )
    drawing.step(
        "Many slow ones",
        "A GPU has thousands of cores that all do the same to different numbers. That is just what a product of two large matrices needs, "
        "and of no use for a small one.",
        ["gpu"],
    )
    drawing.step(
        "Two memories, and a bus",
        "The GPU computes with what lies in its own memory. network.to(device) moves the parameters there, once. Each batch has to be moved too, over the bus, "
        "the wires between the two, which are far slower than either memory.",
        ["memory", "memory>gpu_memory", "gpu_memory"],
    )
    drawing.step(
        "The program only puts work into a queue",
        "When your line loss = step(...) has run, the GPU has hardly begun. The program goes on and puts the next operation into the queue. "
        "This is why a GPU is kept busy, and why a stopwatch around that line measures nothing.",
        ["program", "program>queue", "queue", "queue>gpu", "gpu"],
    )
    drawing.step(
        "Reading a number means waiting",
        "loss.item() needs the result, so the program waits until the queue is empty. Do it every hundred steps, not every step.",
        ["result", "gpu", "program"],
    )
    drawing.step(
        "And here, on this CPU",
        f"A product of 8 × 8 matrices just took {_words(small)}, one of 1024 × 1024 {_words(large)}: {large / small:,.0f} times as long, for two million times the multiplications. "
        "Most of the small one's time is the cost of the call.",
        ["program", "program>cpu", "cpu"],
    )
    return drawing


def _words(value: float) -> str:
    return f"{1e6 * value:.1f} microseconds" if value < 1e-3 else f"{1e3 * value:.1f} ms"
