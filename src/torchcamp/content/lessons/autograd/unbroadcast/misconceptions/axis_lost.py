"""You summed an axis of size 1 away.

The gradient must have the shape of its tensor: `(4, 1)` stays `(4, 1)`. That is `keepdim=True`.

Caught by: check_size_one.
"""

from torch import Tensor


def unbroadcast(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    extra = grad.dim() - len(shape)
    if extra:
        grad = grad.sum(dim=tuple(range(extra)))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] > 1)
    if stretched:
        grad = grad.sum(dim=stretched, keepdim=False)
    return grad
