"""You returned the scaled loss.

It is 1024 times as large and changes whenever the scale does: log the loss itself.

Caught by: check_loss.
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
    loss = F.mse_loss(network(x), y)
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(network.parameters(), max_norm)
    scaler.step(optimizer)
    scaler.update()
    return scaler.scale(loss).item()
