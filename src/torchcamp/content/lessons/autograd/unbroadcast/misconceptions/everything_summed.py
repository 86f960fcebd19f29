"""You summed everything to one number.

Only what was stretched is summed. In a bias `(3,)` each of the three numbers keeps a gradient of
its own.

Caught by: check_missing_axis.
"""

from torch import Tensor


def unbroadcast(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    extra = grad.dim() - len(shape)
    if extra:
        return grad.sum().expand(shape)
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] > 1)
    if stretched:
        grad = grad.sum(dim=stretched, keepdim=True)
    return grad
