"""You forgot to divide.

The change of f is small because the way was small. The slope is the change per way: / (2 eps).

Caught by: check_one_number.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-4) -> Tensor:
    gradient = torch.zeros(x.numel(), dtype=x.dtype)
    for i in range(x.numel()):
        up, down = x.flatten().clone(), x.flatten().clone()
        up[i] += eps
        down[i] -= eps
        change = f(up.view_as(x)) - f(down.view_as(x))
        gradient[i] = change
    return gradient.view(x.shape)
