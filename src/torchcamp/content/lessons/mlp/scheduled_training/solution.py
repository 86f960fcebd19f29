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
    """Train on the mean squared error; returns the rate of each step."""
    rates = []
    for _ in range(num_epochs):
        for x, y in batches:
            loss = F.mse_loss(network(x), y)
            optimizer.zero_grad()
            loss.backward()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
        scheduler.step()
    return rates
