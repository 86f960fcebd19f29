"""You returned the gradient with the shape of the batch.

A parameter of shape (3,) cannot be updated by a gradient of shape (4, 3). It was used once per
row, and its gradient is the sum of what each row says.

Caught by: check_missing_axis. Catalogue: G6.
"""

from torch import Tensor


def unbroadcast(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    return grad
