"""You also swapped rows and columns.

`transpose(0, 2)` exchanges the first axis with the last, and `.T` reverses **all** axes: the
picture lies on its side. Only the colour has to move: row stays before column.

Caught by: check_shape.
"""

from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    return image.transpose(0, 2).float() / 255
