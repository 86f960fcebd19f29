"""You never emptied `w.grad`.

`backward()` **adds** to what is there. Your second step goes down the sum of two gradients, your
third of three. Set `w.grad = None` before the next.

Caught by: check_more_steps. Catalogue: G9.
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
            w -= lr * w.grad
    return w.detach()
