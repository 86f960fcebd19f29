import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    """Indices of this rank's pictures in this epoch, (num_images // num_ranks,)."""
    generator = torch.Generator().manual_seed(seed + epoch)
    order = torch.randperm(num_images, generator=generator)
    return order[rank::num_ranks][: num_images // num_ranks]


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    """The mean loss of all pictures, from each rank's sum (N,) and count (N,)."""
    return float(sums.sum() / counts.sum())
