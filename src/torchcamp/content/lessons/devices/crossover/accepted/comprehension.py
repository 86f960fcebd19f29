def crossover(sizes: list[int], cpu: list[float], gpu: list[float]) -> int | None:
    ahead = {size: g < c for size, c, g in zip(sizes, cpu, gpu)}
    good = [size for size in sizes if all(ahead[other] for other in sizes if other >= size)]
    return min(good, default=None)
