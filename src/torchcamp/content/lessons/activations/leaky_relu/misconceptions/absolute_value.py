"""You made negative numbers positive.

`abs` turns -5 into 5. ReLU turns it into 0: this unit is switched off.

Caught by: check_relu.
"""

from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return x.abs()


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return x.clamp(min=0) + negative_slope * x.clamp(max=0)
