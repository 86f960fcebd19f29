"""Your shares are not shuffled.

Sorted data arrives class by class, in every epoch the same way.

Caught by: check_new_order. Catalogue: M6.
"""

import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed + epoch)
    order = torch.arange(num_images)
    return order[rank::num_ranks][: num_images // num_ranks]


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    return float(sums.sum() / counts.sum())
