"""One sample was enough for you.

A single stray sample is chance. A centre is covered when at least `min_share` of the samples are
there.

Caught by: check_rare.
"""

import torch
from torch import Tensor


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float, min_share: float
) -> tuple[int, float]:
    distance, nearest = torch.cdist(samples, centres).min(dim=1)
    close = distance <= radius
    counts = torch.bincount(nearest[close], minlength=len(centres))
    covered = (counts > 0).sum()
    return int(covered), float(close.float().mean())
