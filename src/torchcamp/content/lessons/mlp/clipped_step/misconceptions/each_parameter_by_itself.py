"""You clipped each parameter by itself.

Then large and small gradients come out equally long, and the direction of the whole changes. The
length is that of all of them together.

Caught by: check_gentle.
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
    norm = torch.stack(
        [nn.utils.clip_grad_norm_([p], max_norm) for p in network.parameters()]
    ).max()
    optimizer.step()
    return norm
