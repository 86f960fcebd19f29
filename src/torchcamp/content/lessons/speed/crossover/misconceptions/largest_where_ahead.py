"""You returned the largest size at which the GPU is ahead.

Asked for is where its lead begins.

Caught by: check_crossing.
"""


def crossover(sizes: list[int], cpu: list[float], gpu: list[float]) -> int | None:
    return max((size for size, c, g in zip(sizes, cpu, gpu) if g < c), default=None)
