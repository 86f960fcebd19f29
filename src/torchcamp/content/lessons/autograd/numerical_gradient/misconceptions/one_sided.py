"""You moved up only.

(f(x + eps) - f(x)) / eps is off by eps times half the curvature: 12.0601 instead of 12.0001. Up
and down, the curvature cancels.

Caught by: check_accuracy.
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
        change = 2 * (f(up.view_as(x)) - f(x))
        gradient[i] = change / (2 * eps)
    return gradient.view(x.shape)
