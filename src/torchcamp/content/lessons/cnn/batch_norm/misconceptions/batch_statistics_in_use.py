"""You used the batch's statistics in use as well.

Then the answer for a picture depends on which others are in the batch, and for one picture alone
there is no variance. That is a network to which nobody said `eval()`.

Caught by: check_in_use. Catalogue: N1.
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
    mean = x.mean(dim=(0, 2, 3))
    var = x.var(dim=(0, 2, 3), unbiased=False)
    if training:
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.lerp_(x.var(dim=(0, 2, 3)), momentum)
    mean, var, gamma, beta = (t.view(1, -1, 1, 1) for t in (mean, var, gamma, beta))
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
