"""You clipped after the step.

The wild gradient has been used by then; what you shorten is thrown away by the next `zero_grad`.
Between `backward()` and `step()` is the only place.

Caught by: check_wild. Catalogue: M18.
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
    optimizer.step()
    norm = nn.utils.clip_grad_norm_(network.parameters(), max_norm)
    return norm
