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
    return loss.item()
