"""Every rank gets everything.

Then N machines do the same work N times. Rank r takes every N-th index from r on.

Caught by: check_equal.
"""

import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed + epoch)
    order = torch.randperm(num_images, generator=generator)
    return order


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    return float(sums.sum() / counts.sum())
