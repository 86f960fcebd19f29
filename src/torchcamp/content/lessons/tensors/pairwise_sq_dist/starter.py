import torch
from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    """Points (N, D) and (M, D) to squared distances (N, M)."""
    # TODO: all differences, then their squares summed
    raise NotImplementedError
