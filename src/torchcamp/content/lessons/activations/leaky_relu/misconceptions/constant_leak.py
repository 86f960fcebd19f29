"""You put the slope itself where x is negative.

Then -5 and -1 both become the same number, and the gradient is 0 as with ReLU. The leak is
negative_slope **times** x.

Caught by: check_leaky.
"""

from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return x.clamp(min=0)


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return x.clamp(min=0) + negative_slope * (x < 0)
