"""You overwrote x.

Methods that end in `_`, such as `clamp_`, and assignments such as `x[x < 0] = 0`, change the
tensor itself. Somebody else may still need it, the tape for instance. `clamp` without the
underscore makes a new tensor.

Caught by: check_input_unchanged. Catalogue: A10.
"""

from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return x.clamp_(min=0)


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return x.clamp(min=0) + negative_slope * x.clamp(max=0)
