"""You reported one rank's own mean.

It has seen a part of the pictures: printed as the whole, it is off by chance, and each rank
prints another number. Add up sums and counts over all ranks; let one rank write.

Caught by: check_whole. Catalogue: P9.
"""

import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed + epoch)
    order = torch.randperm(num_images, generator=generator)
    return order[rank::num_ranks][: num_images // num_ranks]


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    return float(sums[0] / counts[0])
