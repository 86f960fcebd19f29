"""You summed over the batch.

With the sum, gradients grow with the number of pictures: a batch of 128 takes steps 128 times as
long at the same rate. The mean does not care how large the batch is.

Caught by: check_loss. Catalogue: C13.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    loss = F.cross_entropy(network(images), labels, reduction="sum")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
