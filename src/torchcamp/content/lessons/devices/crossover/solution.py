def crossover(sizes: list[int], cpu: list[float], gpu: list[float]) -> int | None:
    """The smallest size from which on the GPU is faster, or None.

    Args:
        cpu, gpu: seconds for each size.
    """
    found = None
    for size, on_cpu, on_gpu in sorted(zip(sizes, cpu, gpu, strict=True), reverse=True):
        if on_gpu >= on_cpu:
            break
        found = size
    return found
