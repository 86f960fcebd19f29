import torch
from torch import Tensor


def unbroadcast(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Gradient of a tensor of `shape` that was broadcast to the shape of `grad`."""
    # TODO: sum over what was stretched
    raise NotImplementedError
