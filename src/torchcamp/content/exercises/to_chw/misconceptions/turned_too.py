"""You also swapped rows and columns.

`permute(2, 1, 0)`, and `.T` likewise, reverse **all** axes: the picture lies on its side. Only
the colour has to move: row stays before column.

Caught by: check_shape.
"""

from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    return image.permute(2, 1, 0).float() / 255
