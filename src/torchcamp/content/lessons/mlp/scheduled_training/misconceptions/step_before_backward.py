"""You stepped before `backward()`.

The optimizer then uses the gradient of the batch before, and in the first step none at all:
every step comes one batch late.

Caught by: check_where_it_leads. Catalogue: M3.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def scheduled_training(
    network: nn.Module,
    optimizer: Optimizer,
    scheduler: LRScheduler,
    batches: list[tuple[Tensor, Tensor]],
    num_epochs: int,
) -> list[float]:
    rates = []
    for _ in range(num_epochs):
        for x, y in batches:
            loss = F.mse_loss(network(x), y)
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            optimizer.zero_grad()
            F.mse_loss(network(x), y).backward()
        scheduler.step()
    return rates
