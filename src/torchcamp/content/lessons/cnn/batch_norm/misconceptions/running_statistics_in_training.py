"""You normalised with the running statistics while training.

They lag behind the weights. In training the batch's own are used, and the gradient goes through
them.

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
        with torch.no_grad():
            running_mean.lerp_(x.mean(dim=(0, 2, 3)), momentum)
            running_var.lerp_(x.var(dim=(0, 2, 3)), momentum)
    mean, var, gamma, beta = (t.view(1, -1, 1, 1) for t in (mean, var, gamma, beta))
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
