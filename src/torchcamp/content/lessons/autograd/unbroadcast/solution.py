from torch import Tensor


def unbroadcast(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Gradient of a tensor of `shape` that was broadcast to the shape of `grad`."""
    extra = grad.dim() - len(shape)
    if extra:
        grad = grad.sum(dim=tuple(range(extra)))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] > 1)
    if stretched:
        grad = grad.sum(dim=stretched, keepdim=True)
    return grad
