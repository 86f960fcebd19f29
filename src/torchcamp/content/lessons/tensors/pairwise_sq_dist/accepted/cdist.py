import torch
from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    return torch.cdist(a, b).square()
