import torch
from torch import Tensor


def d_sigmoid(x: Tensor) -> Tensor:
    return torch.sigmoid(x) * torch.sigmoid(-x)


def d_tanh(x: Tensor) -> Tensor:
    return 4 * d_sigmoid(2 * x)


def d_leaky_relu(x: Tensor, negative_slope: float) -> Tensor:
    return (x > 0).float() + negative_slope * (x <= 0)
