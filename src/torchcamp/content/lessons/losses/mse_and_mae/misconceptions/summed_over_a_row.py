"""You averaged over the rows and summed within each.

Then a picture of 784 pixels has 784 times the loss, and its learning rate fits no other network.
Which of the two a loss does must be said; here it is the mean over all M * N numbers.

Caught by: check_mse. Catalogue: C13.
"""

import torch
from torch import Tensor


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return ((x - x_hat) ** 2).sum(dim=1).mean()


def mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return (x - x_hat).abs().mean()


def d_mse(x: Tensor, x_hat: Tensor) -> Tensor:
    return 2 * (x_hat - x) / x.numel()


def d_mae(x: Tensor, x_hat: Tensor) -> Tensor:
    return torch.sign(x_hat - x) / x.numel()
