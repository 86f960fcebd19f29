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
    for epoch in range(num_epochs):
        if epoch > 0:
            scheduler.step()
        for x, y in batches:
            F.mse_loss(network(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()
            rates += scheduler.get_last_lr()
    return rates
