"""Your result is float64.

Python's and NumPy's habit is double precision; PyTorch's layers are float32 and refuse to mix
the two. Say `.float()`.

Caught by: check_type.
"""

from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    return image.permute(2, 0, 1).double() / 255
