"""You scaled every gradient to max_norm.

Short gradients are short because the way is nearly flat: making them longer takes the step past
the goal. Only what is above the limit is changed.

Caught by: check_gentle.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def clipped_step(
    network: nn.Module, optimizer: Optimizer, x: Tensor, y: Tensor, max_norm: float
) -> Tensor:
    loss = F.mse_loss(network(x), y)
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.get_total_norm([p.grad for p in network.parameters()])
    for p in network.parameters():
        p.grad *= max_norm / norm
    optimizer.step()
    return norm
