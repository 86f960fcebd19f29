"""You moved all entries at once.

Then you see how f changes in the direction (1, 1, ..., 1): the sum of all slopes. Each entry has
to move alone.

Caught by: check_each_entry.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-4) -> Tensor:
    gradient = torch.zeros(x.numel(), dtype=x.dtype)
    for i in range(x.numel()):
        up, down = x.flatten().clone(), x.flatten().clone()
        up += eps
        down -= eps
        change = f(up.view_as(x)) - f(down.view_as(x))
        gradient[i] = change / (2 * eps)
    return gradient.view(x.shape)
