from torch import Tensor


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float, min_share: float
) -> tuple[int, float]:
    counts, near = [0] * len(centres), 0
    for sample in samples:
        distances = (centres - sample).square().sum(dim=1).sqrt()
        if distances.min() <= radius:
            counts[int(distances.argmin())] += 1
            near += 1
    return sum(c >= min_share * len(samples) for c in counts), near / len(samples)
