import torch
from torch import Tensor


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float, min_share: float
) -> tuple[int, float]:
    """How many centres are covered, and the share of samples near any of them.

    Args:
        samples: (N, 2). centres: (K, 2).
    """
    distance, nearest = torch.cdist(samples, centres).min(dim=1)
    close = distance <= radius
    counts = torch.bincount(nearest[close], minlength=len(centres))
    covered = (counts >= min_share * len(samples)).sum()
    return int(covered), float(close.float().mean())
