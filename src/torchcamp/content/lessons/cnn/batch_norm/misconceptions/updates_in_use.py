"""You updated the running statistics in use.

Then testing changes the network: the second test gives another result than the first.

Caught by: check_use_changes_nothing. Catalogue: N1.
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
    with torch.no_grad():
        mean, var = running_mean.clone(), running_var.clone()
        running_mean.lerp_(x.mean(dim=(0, 2, 3)), momentum)
        running_var.lerp_(x.var(dim=(0, 2, 3)), momentum)
    if training:
        mean = x.mean(dim=(0, 2, 3))
        var = x.var(dim=(0, 2, 3), unbiased=False)
    mean, var, gamma, beta = (t.view(1, -1, 1, 1) for t in (mean, var, gamma, beta))
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
