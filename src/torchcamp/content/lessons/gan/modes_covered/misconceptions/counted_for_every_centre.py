"""A sample counts for every centre within reach.

With wide radii one cluster then covers its neighbours. Each sample belongs to its nearest centre
only.

Caught by: check_wide.
"""

import torch
from torch import Tensor


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float, min_share: float
) -> tuple[int, float]:
    distance, nearest = torch.cdist(samples, centres).min(dim=1)
    close = distance <= radius
    counts = (torch.cdist(samples, centres) <= radius).sum(dim=0)
    covered = (counts >= min_share * len(samples)).sum()
    return int(covered), float(close.float().mean())
