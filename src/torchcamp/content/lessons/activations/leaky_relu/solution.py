from torch import Tensor


def relu(x: Tensor) -> Tensor:
    """max(0, x), elementwise."""
    return x.clamp(min=0)


def leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    """max(0, x) + negative_slope * min(0, x), elementwise."""
    return x.clamp(min=0) + negative_slope * x.clamp(max=0)
