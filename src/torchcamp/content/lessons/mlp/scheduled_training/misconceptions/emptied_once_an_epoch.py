"""You emptied the gradients once per epoch.

Within an epoch each step then uses the sum of all gradients since its beginning. `zero_grad`
belongs to every step.

Caught by: check_where_it_leads. Catalogue: G11.
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
        optimizer.zero_grad()
        for x, y in batches:
            loss = F.mse_loss(network(x), y)
            loss.backward()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
        scheduler.step()
    return rates
