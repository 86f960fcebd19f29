"""Your gradient has the wrong sign.

It says in which direction the loss **grows**: upwards where x̂ is too large already. The step of
gradient descent subtracts it.

Caught by: check_mse_gradient.
"""

import torch
from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return ((x - x_hat) ** 2).mean()


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x - x_hat).abs().mean()


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return 2 * (x - x_hat) / x.numel()


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return torch.sign(x_hat - x) / x.numel()
