"""You gave every sample to its nearest centre, however far.

A sample in the middle of nowhere belongs to none: only within `radius`.

Caught by: check_between.
"""

import torch
from torch import Tensor


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float, min_share: float
) -> tuple[int, float]:
    distance, nearest = torch.cdist(samples, centres).min(dim=1)
    close = distance < float("inf")
    counts = torch.bincount(nearest[close], minlength=len(centres))
    covered = (counts >= min_share * len(samples)).sum()
    return int(covered), float(close.float().mean())
