from collections.abc import Callable

import torch
from torch import Tensor


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-4) -> Tensor:
    """Gradient of f at x by central differences, of the shape of x.

    Args:
        f: a tensor of the shape of x to a scalar.
        x: float64, any shape.
        eps: how far each entry is moved, up and down.
    """
    gradient = torch.zeros(x.numel(), dtype=x.dtype)
    for i in range(x.numel()):
        up, down = x.flatten().clone(), x.flatten().clone()
        up[i] += eps
        down[i] -= eps
        change = f(up.view_as(x)) - f(down.view_as(x))
        gradient[i] = change / (2 * eps)
    return gradient.view(x.shape)
