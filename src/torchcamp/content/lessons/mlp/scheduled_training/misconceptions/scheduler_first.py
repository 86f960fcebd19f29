"""You stepped the scheduler before the epoch's first step.

So the full rate is never used: 0.01 where 0.1 was meant, and a warm-up or a milestone comes an
epoch too early. PyTorch warns: *call `optimizer.step()` before `lr_scheduler.step()`*.

Caught by: check_rates. Catalogue: M16.
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
        scheduler.step()
        for x, y in batches:
            loss = F.mse_loss(network(x), y)
            optimizer.zero_grad()
            loss.backward()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
    return rates
