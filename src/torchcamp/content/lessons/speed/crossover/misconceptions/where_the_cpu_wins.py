"""You compared the wrong way round.

These are seconds: the smaller is the faster.

Caught by: check_crossing.
"""


def crossover(sizes: list[int], cpu: list[float], gpu: list[float]) -> int | None:
    found = None
    for size, on_cpu, on_gpu in sorted(zip(sizes, cpu, gpu, strict=True), reverse=True):
        if on_gpu <= on_cpu:
            break
        found = size
    return found
