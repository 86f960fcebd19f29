"""You took the first size at which the GPU is ahead.

Measurements swing: a lucky point among small sizes says nothing. From the answer on it must stay
ahead.

Caught by: check_lucky.
"""


def crossover(sizes: list[int], cpu: list[float], gpu: list[float]) -> int | None:
    return min((size for size, c, g in zip(sizes, cpu, gpu) if g < c), default=None)
