"""You took the gradient of one use.

The value was used in every row; the gradients of all of them add up.

Caught by: check_missing_axis.
"""

from torch import Tensor


def unbroadcast(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    extra = grad.dim() - len(shape)
    if extra:
        grad = grad[(0,) * extra]
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] > 1)
    if stretched:
        grad = grad.sum(dim=stretched, keepdim=True)
    return grad
