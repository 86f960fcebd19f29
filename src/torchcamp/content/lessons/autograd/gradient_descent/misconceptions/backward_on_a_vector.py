"""You called `backward()` on several errors at once.

A gradient belongs to one number: *grad can be implicitly created only for scalar outputs*. With
one example it happens to be one number. Sum first.

Caught by: check_several_examples. Catalogue: G15.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    w = start.clone().requires_grad_()
    for _ in range(num_steps):
        loss = errors(w)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach()
