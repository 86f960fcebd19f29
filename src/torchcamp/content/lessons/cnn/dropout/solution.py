import torch
from torch import Tensor


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    """Zero with probability p, the rest divided by 1 - p; x itself where not `training`."""
    if not training:
        return x
    keep = torch.rand_like(x) >= p
    return x * keep / (1 - p)
