"""Your ranks get different numbers of pictures.

The rank with one more makes one step more, alone, and all wait for ever. Cut to num_images //
num_ranks.

Caught by: check_equal.
"""

import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed + epoch)
    order = torch.randperm(num_images, generator=generator)
    return order[rank::num_ranks]


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    return float(sums.sum() / counts.sum())
