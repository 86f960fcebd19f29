"""Your results land in a copy.

`flatten()` and `reshape()` share memory where they can and copy where they cannot, as for a transposed
tensor. What you write into the copy never reaches the gradient. Collect the numbers in a row of your own and
give that the shape of x at the end.

Caught by: check_table.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-4) -> Tensor:
    gradient = torch.zeros_like(x)
    for i in range(x.numel()):
        up, down = x.flatten().clone(), x.flatten().clone()
        up[i] += eps
        down[i] -= eps
        change = f(up.view_as(x)) - f(down.view_as(x))
        gradient.flatten()[i] = change / (2 * eps)
    return gradient
