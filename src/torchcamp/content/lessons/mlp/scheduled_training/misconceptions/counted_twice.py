"""You counted every step twice.

One batch is one step. Where a counter goes up in two places, every number on the axis of a plot
is doubled, and so is every milestone that depends on it.

Caught by: check_number_of_steps. Catalogue: M15.
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
            optimizer.zero_grad()
            loss.backward()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return rates
