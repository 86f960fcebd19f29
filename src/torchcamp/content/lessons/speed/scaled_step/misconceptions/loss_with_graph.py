"""You return the loss as a tensor, with its graph.

Whoever keeps it for a curve keeps the whole step in memory. `.item()` makes a number of it.

Caught by: check_float.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.optim import Optimizer


def scaled_step(
    network: nn.Module,
    optimizer: Optimizer,
    scaler: GradScaler,
    x: Tensor,
    y: Tensor,
    max_norm: float = 1.0,
) -> float:
    """One clipped step with gradient scaling; the loss in its own units."""
    loss = F.mse_loss(network(x), y)
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(network.parameters(), max_norm)
    scaler.step(optimizer)
    scaler.update()
    return loss
