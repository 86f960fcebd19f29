from collections.abc import Callable

import torch
from torch import Tensor


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-4) -> Tensor:
    """Gradient of f at x by central differences, of the shape of x.

    Args:
        f: a tensor of the shape of x to a scalar.
        x: float64, any shape.
        eps: how far each entry is moved, up and down.
    """
    # TODO: move each entry up and down
    raise NotImplementedError
