"""You walked on `start` itself.

`start.requires_grad_()` does not copy. The caller's tensor has moved and has a gradient now.
Begin with `start.clone()`.

Caught by: check_left_behind.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    w = start.requires_grad_()
    for _ in range(num_steps):
        loss = errors(w).sum()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach()
