import torch
from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    """Probabilities that sum to 1 along `dim`; the shape of x."""
    e = torch.exp(x - x.amax(dim, keepdim=True))
    return e / e.sum(dim, keepdim=True)
