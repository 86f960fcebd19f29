"""Your order is the same in every epoch.

That is what `DistributedSampler` does when nobody calls `set_epoch(epoch)`: each rank sees the
same pictures in the same order for ever, and nothing says so. The epoch must go into the seed.

Caught by: check_new_order. Catalogue: P8.
"""

import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(num_images, generator=generator)
    return order[rank::num_ranks][: num_images // num_ranks]


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    return float(sums.sum() / counts.sum())
