"""You averaged over the uses.

Each use changes the loss by itself, so the changes add up. If the loss is a mean, its 1 / N is
in `grad` already.

Caught by: check_missing_axis.
"""

from torch import Tensor


def unbroadcast(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    extra = grad.dim() - len(shape)
    if extra:
        grad = grad.mean(dim=tuple(range(extra)))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] > 1)
    if stretched:
        grad = grad.mean(dim=stretched, keepdim=True)
    return grad
