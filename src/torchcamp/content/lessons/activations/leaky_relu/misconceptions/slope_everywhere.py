"""You multiplied all numbers by the slope.

Only what is below zero leaks. Positive numbers go through unchanged.

Caught by: check_leaky.
"""

from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return x.clamp(min=0)


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return negative_slope * x
