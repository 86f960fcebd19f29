"""At exactly 0 you chose 1.

There is a corner, and any number between the two slopes would do. PyTorch takes the left one: `x
> 0`, not `x >= 0`. ReLU's units that are switched off sit exactly there.

Caught by: check_leaky.
"""

import torch
from torch import Tensor


def d_sigmoid(x: Tensor) -> Tensor:
    s = torch.sigmoid(x)
    return s * (1 - s)


def d_tanh(x: Tensor) -> Tensor:
    return 1 - torch.tanh(x) ** 2


def d_leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return torch.where(x >= 0, 1.0, negative_slope)
