"""You went uphill.

The gradient points to where the loss grows: subtract it.

Caught by: check_one_step. Catalogue: M4.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    w = start.clone().requires_grad_()
    for _ in range(num_steps):
        loss = errors(w).sum()
        loss.backward()
        with torch.no_grad():
            w += lr * w.grad
        w.grad = None
    return w.detach()
