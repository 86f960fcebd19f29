import torch
from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    """Picture (H, W, C), uint8 in 0 to 255, to (C, H, W), float32 in 0 to 1."""
    # TODO: move the axis, then the range
    raise NotImplementedError
