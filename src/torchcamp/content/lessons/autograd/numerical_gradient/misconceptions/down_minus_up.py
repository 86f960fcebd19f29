"""You subtracted in the wrong order.

f(x - eps) - f(x + eps) is negative where f rises. It is up minus down.

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
        change = f(down.view_as(x)) - f(up.view_as(x))
        gradient[i] = change / (2 * eps)
    return gradient.view(x.shape)
