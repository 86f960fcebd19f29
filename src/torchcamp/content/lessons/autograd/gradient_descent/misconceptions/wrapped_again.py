"""You wrapped w into a new tensor on the way to the loss.

`torch.tensor(w.tolist(), requires_grad=True)` copies the numbers and begins a new tape. The
gradient arrives at the copy; `w.grad` stays None, without an error.

Caught by: check_one_step. Catalogue: G13.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    w = start.clone().requires_grad_()
    for _ in range(num_steps):
        loss = errors(torch.tensor(w.tolist(), requires_grad=True)).sum()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach()
