"""You take the GPU for faster at every size.

At 8 it takes 20 µs where the CPU takes 1: asking costs more than the work. "The GPU is slower,
so something is broken" is the same mistake from the other side.

Caught by: check_crossing. Catalogue: P3.
"""


def crossover(sizes: list[int], cpu: list[float], gpu: list[float]) -> int | None:
    return min(sizes)
