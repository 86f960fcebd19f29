"""You normalised every picture by itself.

`dim=(2, 3)` leaves the batch out. Batch norm compares a channel across the whole batch.

Caught by: check_normalised.
"""

import torch
from torch import Tensor


def batch_norm(
    x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    gamma: Tensor,
    beta: Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    mean, var = running_mean, running_var
    if training:
        running_mean.lerp_(x.mean(dim=(0, 2, 3)), momentum)
        running_var.lerp_(x.var(dim=(0, 2, 3)), momentum)
        scale, shift = gamma.view(1, -1, 1, 1), beta.view(1, -1, 1, 1)
        deviation = x - x.mean((2, 3), keepdim=True)
        return scale * deviation / torch.sqrt(x.var((2, 3), keepdim=True) + eps) + shift
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.lerp_(x.var(dim=(0, 2, 3)), momentum)
    mean, var, gamma, beta = (t.view(1, -1, 1, 1) for t in (mean, var, gamma, beta))
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
