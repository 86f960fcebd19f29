"""You took the mean of the ranks' means.

A rank with few pictures would count as much as one with many.

Caught by: check_whole. Catalogue: M11.
"""

import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed + epoch)
    order = torch.randperm(num_images, generator=generator)
    return order[rank::num_ranks][: num_images // num_ranks]


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    return float((sums / counts).mean())
