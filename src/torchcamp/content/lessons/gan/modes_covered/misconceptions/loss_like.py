"""You asked how near the samples are to a centre, and not to how many.

100 good samples of one cluster are perfect by that. Coverage counts centres.

Caught by: check_collapse.
"""

import torch
from torch import Tensor


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float, min_share: float
) -> tuple[int, float]:
    distance, nearest = torch.cdist(samples, centres).min(dim=1)
    close = distance <= radius
    counts = torch.bincount(nearest[close], minlength=len(centres))
    covered = len(centres) * (close.float().mean() > 0.5)
    return int(covered), float(close.float().mean())
