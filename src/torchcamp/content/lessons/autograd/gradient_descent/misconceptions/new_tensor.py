"""`w = w - lr * w.grad` makes a new tensor.

The new w is no leaf any more: it is the result of a computation, the next `backward()` fills no
`.grad` for it, and your graph grows from step to step. Change the same tensor, inside `no_grad`:
`w -= ...`.

Caught by: check_more_steps. Catalogue: G8.
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
        w = w - lr * w.grad
    return w.detach()
