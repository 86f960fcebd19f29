from collections.abc import Callable

import torch
from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    """Where gradient descent on the sum of `errors(w)` arrives from `start`; no graph.

    Args:
        errors: w, of the shape of `start`, to errors (N,).
        start: any shape, float32.
    """
    w = start.clone().requires_grad_()
    for _ in range(num_steps):
        loss = errors(w).sum()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach()
