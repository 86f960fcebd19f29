"""You told `permute` where each axis goes.

It asks the other way round: for each new place, which old axis comes there? The first place gets
old axis 2, the colours; then rows, then columns: `permute(2, 0, 1)`.

Caught by: check_shape.
"""

from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    return image.permute(1, 2, 0).float() / 255
