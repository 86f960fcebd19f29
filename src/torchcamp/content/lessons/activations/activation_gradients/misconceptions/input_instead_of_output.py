"""You put the input where the output belongs.

The derivative is s (1 - s) with s = sigmoid(x), not x (1 - x). It must never leave 0 to 0.25.

Caught by: check_sigmoid. Catalogue: A8.
"""

import torch
from torch import Tensor


def d_sigmoid(x: Tensor) -> Tensor:
    s = torch.sigmoid(x)
    return x * (1 - x)


def d_tanh(x: Tensor) -> Tensor:
    return 1 - torch.tanh(x) ** 2


def d_leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return torch.where(x > 0, 1.0, negative_slope)
