"""You never updated the running statistics.

Training looks perfect, and in use the network normalises with mean 0 and variance 1, which fit
nothing: *"batch norm is broken in eval mode"*. (Or you made new tensors and dropped them:
`running_mean = ...` only gives a new tensor that name inside your function. `copy_` and `lerp_`
write into the layer's own.)

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
            pass
    mean, var, gamma, beta = (t.view(1, -1, 1, 1) for t in (mean, var, gamma, beta))
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
