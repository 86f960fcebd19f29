"""Your slope is on the wrong side.

It belongs to min(0, x), the negative part; the positive part stays as it is.

Caught by: check_leaky.
"""

from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return x.clamp(min=0)


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return negative_slope * x.clamp(min=0) + x.clamp(max=0)
