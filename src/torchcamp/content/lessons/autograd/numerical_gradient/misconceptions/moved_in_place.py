"""You moved x itself and left it there.

`y = x` gives the tensor a second name, it copies nothing; and `flatten()` and `view` share
memory too. Work on `x.clone()`, or put each entry back.

Caught by: check_input_unchanged.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-4) -> Tensor:
    gradient = torch.zeros(x.numel(), dtype=x.dtype)
    for i in range(x.numel()):
        up, down = x.view(-1) if x.is_contiguous() else x.flatten(), x.flatten().clone()
        up[i] += eps
        down[i] -= eps
        change = f(up.view_as(x)) - f(down.view_as(x))
        gradient[i] = change / (2 * eps)
    return gradient.view(x.shape)
