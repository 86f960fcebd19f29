"""You multiplied x and x̂ where the formula subtracts.

If that were an error, a perfect prediction would have one. The minus between the two is what
makes it zero when they are equal.

Caught by: check_mse.
"""

import torch
from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return ((x * x_hat) ** 2).mean()


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x - x_hat).abs().mean()


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return 2 * (x_hat - x) / x.numel()


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return torch.sign(x_hat - x) / x.numel()
