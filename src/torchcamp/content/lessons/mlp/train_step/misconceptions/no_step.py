"""`optimizer.step()` is missing.

`backward()` computes in which direction to go, and goes nowhere. Only `step()` changes the
parameters.

Caught by: check_parameters_move. Catalogue: M3.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    loss = F.cross_entropy(network(images), labels)
    optimizer.zero_grad()
    loss.backward()
    return loss.detach()
