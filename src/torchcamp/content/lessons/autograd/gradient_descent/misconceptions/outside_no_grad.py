"""You changed w where the tape could see it.

w is a leaf that wants a gradient; changing it in place would overwrite what the tape began with,
so PyTorch refuses. The update is no part of the function: put it inside `with torch.no_grad():`.

Caught by: check_one_step. Catalogue: G7.
"""

from collections.abc import Callable

from torch import Tensor


def gradient_descent(
    errors: Callable[[Tensor], Tensor], start: Tensor, lr: float, num_steps: int
) -> Tensor:
    w = start.clone().requires_grad_()
    for _ in range(num_steps):
        loss = errors(w).sum()
        loss.backward()
        w -= lr * w.grad
        w.grad = None
    return w.detach()
