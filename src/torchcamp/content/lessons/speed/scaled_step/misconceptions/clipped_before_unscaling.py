"""You clipped the scaled gradient.

It is 1024 times too long: clipped to 1 and divided by 1024 afterwards, your step is a thousandth
of what was allowed. Unscale, then clip.

Caught by: check_clipped. Catalogue: P10.
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
    nn.utils.clip_grad_norm_(network.parameters(), max_norm)
    scaler.step(optimizer)
    scaler.update()
    return loss.item()
