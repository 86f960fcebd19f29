"""You took the share among the samples that are near a centre.

A generator that draws 99 % rubbish must not look perfect: shares are of all samples.

Caught by: check_between.
"""

import torch
from torch import Tensor


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float, min_share: float
) -> tuple[int, float]:
    distance, nearest = torch.cdist(samples, centres).min(dim=1)
    close = distance <= radius
    counts = torch.bincount(nearest[close], minlength=len(centres))
    covered = (counts >= min_share * len(samples)).sum()
    return int(covered), float(close.float()[close].mean())
