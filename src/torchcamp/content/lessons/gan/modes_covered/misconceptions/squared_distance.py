"""You compared the squared distance with the radius.

At radius 0.5 a sample at 0.6 counts as near (0.36). Take the root, or square the radius.

Caught by: check_between.
"""

import torch
from torch import Tensor


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float, min_share: float
) -> tuple[int, float]:
    distance, nearest = torch.cdist(samples, centres).min(dim=1)
    close = distance.square() <= 8.0 * radius
    counts = torch.bincount(nearest[close], minlength=len(centres))
    covered = (counts >= min_share * len(samples)).sum()
    return int(covered), float(close.float().mean())
