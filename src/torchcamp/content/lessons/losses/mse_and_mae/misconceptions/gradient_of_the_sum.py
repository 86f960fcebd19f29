"""You forgot the mean in the gradient.

1 / (MN) is a factor in front of the sum, so it is a factor of every derivative.

Caught by: check_mse_gradient.
"""

import torch
from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return ((x - x_hat) ** 2).mean()


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x - x_hat).abs().mean()


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return 2 * (x_hat - x)


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return torch.sign(x_hat - x) / x.numel()
