"""You changed the shape and left the numbers in their order.

`view` and `reshape` read the memory from its beginning and only break the lines elsewhere. In
memory the three colours of a pixel are neighbours, so they end up side by side in a row of one
"colour". The shape is right, the picture is scrambled. `permute` moves axes.

Caught by: check_pixel. Catalogue: T1.
"""

from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    return image.reshape(image.shape[2], image.shape[0], image.shape[1]).float() / 255
