"""You took the root.

The root of the MSE is a number in the unit of x, for reports. As a loss it pulls differently:
with one error of 10, its gradient is 1 where the MSE's is 20, and the learning rate chosen for
the MSE does nothing.

Caught by: check_mse. Catalogue: C14.
"""

import torch
from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return ((x - x_hat) ** 2).mean().sqrt()


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x - x_hat).abs().mean()


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return 2 * (x_hat - x) / x.numel()


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return torch.sign(x_hat - x) / x.numel()
