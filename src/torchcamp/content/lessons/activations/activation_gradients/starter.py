import torch
from torch import Tensor


def d_sigmoid(x: Tensor) -> Tensor:
    """Derivative of sigmoid at x."""
    # TODO: the derivative at x
    raise NotImplementedError


def d_tanh(x: Tensor) -> Tensor:
    """Derivative of tanh at x."""
    # TODO: the derivative at x
    raise NotImplementedError


def d_leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    """Derivative of leaky ReLU at x; negative_slope at 0, as in PyTorch."""
    # TODO: the derivative at x
    raise NotImplementedError
