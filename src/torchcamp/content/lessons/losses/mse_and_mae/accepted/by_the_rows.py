import torch
from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x_hat - x).pow(2).sum() / (x.shape[0] * x.shape[1])


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return torch.maximum(x - x_hat, x_hat - x).mean(dim=1).mean()


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x_hat - x) * 2 / x.shape[0] / x.shape[1]


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    difference = x_hat - x
    return ((difference > 0).float() - (difference < 0).float()) / x.numel()
