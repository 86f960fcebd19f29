"""You switched the network to eval mode.

Then dropout is off, batch norm uses its running statistics instead of the batch's and stops
updating them. Training steps belong in training mode, which the caller has set.

Caught by: check_loss. Catalogue: N3.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    network.eval()
    loss = F.cross_entropy(network(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
