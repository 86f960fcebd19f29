"""Your derivative is 0 on the left.

That is ReLU's. The leak is there so that this is not so: the gradient is negative_slope.

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
    return (x > 0).float()
