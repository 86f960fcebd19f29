"""You stepped the scheduler after every batch, and noted the rate after that.

This scheduler counts epochs: stepped per batch, its rate is a hundredth after two batches. And what counts
is the rate that a step **used**: read it before the scheduler changes it.

Caught by: check_rates. Catalogue: M17.
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
            optimizer.step()
            scheduler.step()
            rates.append(optimizer.param_groups[0]["lr"])
    return rates
