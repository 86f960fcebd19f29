import torch
from torch import Tensor, nn
from torch.optim import Optimizer


def clipped_step(
    network: nn.Module, optimizer: Optimizer, x: Tensor, y: Tensor, max_norm: float
) -> Tensor:
    optimizer.zero_grad()
    ((network(x) - y) ** 2).mean().backward()
    grads = [p.grad for p in network.parameters() if p.grad is not None]
    norm = torch.cat([g.flatten() for g in grads]).norm()
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    optimizer.step()
    return norm
