"""Your negative numbers come out positive.

min(0, x) is negative already, and with a positive slope it has to stay so: add it, do not
subtract it.

Caught by: check_leaky.
"""

from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return x.clamp(min=0)


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return x.clamp(min=0) - negative_slope * x.clamp(max=0)
