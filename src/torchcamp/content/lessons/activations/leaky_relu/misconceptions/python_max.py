"""You used Python's `max`.

It asks which of two numbers is larger, once. A tensor of five numbers gives five answers, and Python
refuses to choose: *Boolean value of Tensor with more than one value is ambiguous*. `torch.maximum` and
`clamp` compare number by number.

Caught by: check_relu.
"""

from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return max(0, x)


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return max(0, x) + negative_slope * min(0, x)
