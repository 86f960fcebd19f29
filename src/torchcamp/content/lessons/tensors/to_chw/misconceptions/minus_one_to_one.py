"""You mapped to -1 to 1.

Some networks want that, and it is then their `Normalize` that says so. Here 0 has to stay 0, and
255 has to become 1.

Caught by: check_range.
"""

from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    return image.permute(2, 0, 1).float() / 127.5 - 1
