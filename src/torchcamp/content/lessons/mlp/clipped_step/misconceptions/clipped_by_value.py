"""You clipped every entry by itself.

`clip_grad_value_` cuts large entries and leaves small ones, which turns the gradient to another
direction. Scaled by one factor it keeps its direction.

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
    norm = nn.utils.clip_grad_value_(network.parameters(), max_norm)
    optimizer.step()
    return norm
