"""You applied sigmoid to what is sigmoid already.

In s (1 - s), s stands for the output at x. Once it is computed, it is used as it is.

Caught by: check_sigmoid. Catalogue: A7.
"""

import torch
from torch import Tensor


def d_sigmoid(x: Tensor) -> Tensor:
    s = torch.sigmoid(x)
    return torch.sigmoid(s) * (1 - torch.sigmoid(s))


def d_tanh(x: Tensor) -> Tensor:
    return 1 - torch.tanh(x) ** 2


def d_leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return torch.where(x > 0, 1.0, negative_slope)
