from collections.abc import Callable

from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    w = start.detach().clone()
    for _ in range(num_steps):
        w.requires_grad_()
        errors(w).sum().backward()
        w = (w - lr * w.grad).detach()
    return w
