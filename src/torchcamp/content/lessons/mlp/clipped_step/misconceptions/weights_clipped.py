"""You clipped the weights.

It is the step that must not be too long. Weights may be as large as they need to be.

Caught by: check_wild.
"""

import torch
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
    optimizer.step()
    with torch.no_grad():
        for p in network.parameters():
            p.clamp_(-max_norm, max_norm)
    return norm
