"""You took the mean.

The loss here is the sum: with three examples your gradient is a third. Sum or mean, the rate has
to fit; it was chosen for the sum.

Caught by: check_several_examples. Catalogue: M5.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    w = start.clone().requires_grad_()
    for _ in range(num_steps):
        loss = errors(w).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach()
