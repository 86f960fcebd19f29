def crossover(sizes: list[int], cpu: list[float], gpu: list[float]) -> int | None:
    """The smallest size from which on the GPU is faster, or None.

    Args:
        cpu, gpu: seconds for each size.
    """
    # TODO: from which size on?
    raise NotImplementedError
