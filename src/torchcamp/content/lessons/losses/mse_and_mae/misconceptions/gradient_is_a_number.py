"""You averaged the gradient.

A gradient has one number per entry of x̂: each says how the loss changes with that entry alone.

Caught by: check_mse_gradient.
"""

import torch
from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return ((x - x_hat) ** 2).mean()


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x - x_hat).abs().mean()


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return (2 * (x_hat - x) / x.numel()).mean().expand_as(x)


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return torch.sign(x_hat - x) / x.numel()
