from collections.abc import Callable

import torch
from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    w = torch.nn.Parameter(start.clone())
    for _ in range(num_steps):
        errors(w).backward(torch.ones_like(errors(w)))
        w.data.add_(w.grad, alpha=-lr)
        w.grad.zero_()
    return w.data
