"""You took the larger of slope * x and x.

For slopes below 1 that happens to be the same, and it is the shortcut that most people remember.
With slope 2, -1 has to become -2, and the larger of -2 and -1 is -1. Use the formula as it is
written.

Caught by: check_any_slope. Catalogue: A6.
"""

import torch
from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return x.clamp(min=0)


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return torch.maximum(negative_slope * x, x)
