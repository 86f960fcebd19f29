"""You gave the new statistics 0.9 and the old ones 0.1.

In PyTorch the momentum is the share of the **new**: 0.1. (Elsewhere it is the share of the old.)
Yours follow the last batch alone; small batches then make a network that is fine in training and
bad in use.

Caught by: check_running_statistics. Catalogue: N6.
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
            running_mean.lerp_(mean, 1 - momentum)
            running_var.lerp_(x.var(dim=(0, 2, 3)), 1 - momentum)
    mean, var, gamma, beta = (t.view(1, -1, 1, 1) for t in (mean, var, gamma, beta))
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
