"""Your MAE pulls harder where the error is larger.

|x̂ - x| rises by 1 for every 1, wherever you are: its slope is +1 or -1. Only the sign of the
error counts, which is why one outlier does not rule the MAE.

Caught by: check_mae_gradient.
"""

from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return ((x - x_hat) ** 2).mean()


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x - x_hat).abs().mean()


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return 2 * (x_hat - x) / x.numel()


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x_hat - x) / x.numel()
