"""You returned where x is positive, not x itself.

`x > 0` says yes or no. That is the derivative of ReLU. ReLU lets the number through: `x * (x >
0)`.

Caught by: check_relu.
"""

from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return (x > 0).float()


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return x.clamp(min=0) + negative_slope * x.clamp(max=0)
