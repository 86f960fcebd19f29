"""You summed the missing axes and left those of size 1.

A column `(4, 1)` added to `(4, 3)` was used three times as well: sum that axis, and keep it,
with size 1.

Caught by: check_size_one. Catalogue: G6.
"""

from torch import Tensor


def unbroadcast(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    extra = grad.dim() - len(shape)
    if extra:
        grad = grad.sum(dim=tuple(range(extra)))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] > 1)
    return grad
