"""You clamped the loss.

Where a clamp acts, its derivative is 0: the batch then teaches nothing at all. Shorten the
gradient, not the loss.

Caught by: check_wild.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def clipped_step(
    network: nn.Module, optimizer: Optimizer, x: Tensor, y: Tensor, max_norm: float
) -> Tensor:
    loss = F.mse_loss(network(x), y).clamp(max=max_norm)
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(network.parameters(), max_norm)
    optimizer.step()
    return norm
