import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    """Indices of this rank's pictures in this epoch, (num_images // num_ranks,)."""
    # TODO: a share of one common order
    raise NotImplementedError


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    """The mean loss of all pictures, from each rank's sum (N,) and count (N,)."""
    # TODO: the sum of the sums over the sum of the counts
    raise NotImplementedError
