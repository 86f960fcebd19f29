"""You cut the tape on the way to the loss.

`.data` and `.detach()` hand the numbers on without their history: *element 0 of tensors does not
require grad*.

Caught by: check_one_step. Catalogue: G14.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    w = start.clone().requires_grad_()
    for _ in range(num_steps):
        loss = errors(w.data).sum()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach()
