import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + exp(-x)), elementwise; finite for every x."""
    return 1 / (1 + torch.exp(-x))


def tanh(x: Tensor) -> Tensor:
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)), elementwise; finite for every x."""
    return 2 / (1 + torch.exp(-2 * x)) - 1
