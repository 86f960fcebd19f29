"""Your step goes up the gradient.

The gradient points to where the loss grows. The optimizer subtracts it already: call `backward()`
on the loss, not on its negative.

Caught by: check_first_step. Catalogue: M4.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    loss = F.cross_entropy(network(images), labels)
    optimizer.zero_grad()
    (-loss).backward()
    optimizer.step()
    return loss.detach()
