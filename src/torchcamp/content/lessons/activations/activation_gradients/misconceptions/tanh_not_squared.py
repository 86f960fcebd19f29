"""You did not square.

1 - tanh(x) would be 2 at the far left, where tanh is flat. It is 1 - tanh(x)².

Caught by: check_tanh.
"""

import torch
from torch import Tensor


def d_sigmoid(x: Tensor) -> Tensor:
    s = torch.sigmoid(x)
    return s * (1 - s)


def d_tanh(x: Tensor) -> Tensor:
    return 1 - torch.tanh(x)


def d_leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return torch.where(x > 0, 1.0, negative_slope)
