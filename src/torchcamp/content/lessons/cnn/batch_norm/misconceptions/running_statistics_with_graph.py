"""Your running statistics become part of the graph.

They are averages that go along, not something to differentiate. Without `torch.no_grad()` (or
`detach()`) each batch's graph hangs on that of all batches before it: memory grows, and the second
backward fails.

Caught by: check_no_graph_kept.
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
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(x.var(dim=(0, 2, 3)), momentum)
    mean, var, gamma, beta = (t.view(1, -1, 1, 1) for t in (mean, var, gamma, beta))
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
