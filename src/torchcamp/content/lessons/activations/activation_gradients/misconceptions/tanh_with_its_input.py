"""You put the input where tanh's output belongs.

1 - t² with t = tanh(x). With x itself it would be -8 at x = 3, and tanh never falls.

Caught by: check_tanh. Catalogue: A8.
"""

import torch
from torch import Tensor


def d_sigmoid(x: Tensor) -> Tensor:
    s = torch.sigmoid(x)
    return s * (1 - s)


def d_tanh(x: Tensor) -> Tensor:
    return 1 - x**2


def d_leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return torch.where(x > 0, 1.0, negative_slope)
