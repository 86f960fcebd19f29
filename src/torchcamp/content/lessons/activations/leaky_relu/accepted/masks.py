from torch import Tensor


def relu(x: Tensor) -> Tensor:
    return x * (x > 0)


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return x * (x > 0) + negative_slope * x * (x <= 0)
