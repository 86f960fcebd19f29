import torch
from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    """Mean squared error of (M, N) against (M, N); a scalar."""
    # TODO: the formula
    raise NotImplementedError


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    """Mean absolute error of (M, N) against (M, N); a scalar."""
    # TODO: the formula
    raise NotImplementedError


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    """Gradient of the MSE with respect to x_hat, (M, N)."""
    # TODO: the formula
    raise NotImplementedError


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    """Gradient of the MAE with respect to x_hat, (M, N); 0 where the error is 0, as in PyTorch."""
    # TODO: the formula
    raise NotImplementedError
