"""Each of your ranks draws an order of its own.

Their shares then overlap: some pictures are seen twice, others never. One order for all, from
seed and epoch; the rank only says which part of it.

Caught by: check_apart.
"""

import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed + 7919 * rank + epoch)
    order = torch.randperm(num_images, generator=generator)
    return order[rank::num_ranks][: num_images // num_ranks]


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    return float(sums.sum() / counts.sum())
