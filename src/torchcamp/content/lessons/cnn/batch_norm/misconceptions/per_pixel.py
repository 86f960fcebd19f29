"""You normalised every pixel by itself.

`dim=0` averages over the batch only. A channel has **one** mean for all its places: `dim=(0, 2,
3)`.

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
        return scale * (x - x.mean(0)) / torch.sqrt(x.var(0) + eps) + shift
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.lerp_(x.var(dim=(0, 2, 3)), momentum)
    mean, var, gamma, beta = (t.view(1, -1, 1, 1) for t in (mean, var, gamma, beta))
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
