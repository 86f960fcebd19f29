"""You clipped before `backward()`.

There are no gradients yet: the length is 0 and nothing is shortened. The one that comes is used
as it is.

Caught by: check_gentle. Catalogue: M18.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def clipped_step(
    network: nn.Module, optimizer: Optimizer, x: Tensor, y: Tensor, max_norm: float
) -> Tensor:
    loss = F.mse_loss(network(x), y)
    optimizer.zero_grad()
    norm = nn.utils.clip_grad_norm_(network.parameters(), max_norm)
    loss.backward()
    optimizer.step()
    return norm
