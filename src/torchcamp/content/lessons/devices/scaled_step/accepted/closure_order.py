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
    optimizer.zero_grad(set_to_none=True)
    loss = (network(x) - y).pow(2).mean()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_([p for p in network.parameters() if p.grad is not None], max_norm)
    scaler.step(optimizer)
    scaler.update()
    return float(loss.detach())
