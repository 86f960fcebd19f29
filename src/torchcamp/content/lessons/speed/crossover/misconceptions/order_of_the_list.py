"""You went through the list as it came.

From which size **on** needs an order: sort by size.

Caught by: check_unsorted.
"""


def crossover(sizes: list[int], cpu: list[float], gpu: list[float]) -> int | None:
    found = None
    for size, on_cpu, on_gpu in reversed(list(zip(sizes, cpu, gpu, strict=True))):
        if on_gpu >= on_cpu:
            break
        found = size
    return found
