import torch
from torch import Tensor


def d_sigmoid(x: Tensor) -> Tensor:
    """Derivative of sigmoid at x."""
    s = torch.sigmoid(x)
    return s * (1 - s)


def d_tanh(x: Tensor) -> Tensor:
    """Derivative of tanh at x."""
    return 1 - torch.tanh(x) ** 2


def d_leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    """Derivative of leaky ReLU at x; negative_slope at 0, as in PyTorch."""
    return torch.where(x > 0, 1.0, negative_slope)
