"""You left out eps.

A channel that is the same everywhere has variance 0, and 0 / 0 is nan. eps stands under the
root.

Caught by: check_scale_and_shift.
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
        mean = x.mean(dim=(0, 2, 3))
        var = x.var(dim=(0, 2, 3), unbiased=False)
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.lerp_(x.var(dim=(0, 2, 3)), momentum)
    mean, var, gamma, beta = (t.view(1, -1, 1, 1) for t in (mean, var, gamma, beta))
    return gamma * (x - mean) / torch.sqrt(var) + beta
