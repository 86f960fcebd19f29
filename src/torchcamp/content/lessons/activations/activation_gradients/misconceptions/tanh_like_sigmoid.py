"""You used sigmoid's formula for tanh.

t (1 - t) is 0 at x = 0, where tanh is steepest. For tanh it is 1 - t².

Caught by: check_tanh.
"""

import torch
from torch import Tensor


def d_sigmoid(x: Tensor) -> Tensor:
    s = torch.sigmoid(x)
    return s * (1 - s)


def d_tanh(x: Tensor) -> Tensor:
    return torch.tanh(x) * (1 - torch.tanh(x))


def d_leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return torch.where(x > 0, 1.0, negative_slope)
