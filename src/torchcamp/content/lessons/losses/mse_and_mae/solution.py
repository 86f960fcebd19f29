import torch
from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    """Mean squared error of (M, N) against (M, N); a scalar."""
    return ((x - x_hat) ** 2).mean()


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    """Mean absolute error of (M, N) against (M, N); a scalar."""
    return (x - x_hat).abs().mean()


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    """Gradient of the MSE with respect to x_hat, (M, N)."""
    return 2 * (x_hat - x) / x.numel()


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    """Gradient of the MAE with respect to x_hat, (M, N); 0 where the error is 0, as in PyTorch."""
    return torch.sign(x_hat - x) / x.numel()
