"""You looked for the missing axes on the right.

Broadcasting aligns shapes from the right, so what is missing is missing on the left: sum the
**first** axes.

Caught by: check_missing_axis.
"""

from torch import Tensor


def unbroadcast(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    extra = grad.dim() - len(shape)
    if extra:
        grad = grad.sum(dim=tuple(range(grad.dim() - extra, grad.dim())))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] > 1)
    if stretched:
        grad = grad.sum(dim=stretched, keepdim=True)
    return grad
