"""Your numbers still go up to 255.

A layer multiplies and adds: fed with numbers 255 times too large, its outputs and gradients are
that much too large from the first step. Divide once, in one place.

Caught by: check_range. Catalogue: T5.
"""

from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    return image.permute(2, 0, 1).float()
