"""You computed the loss under `no_grad`.

Inside it PyTorch records no tape, so there is nothing that `backward()` could walk back. `no_grad`
is for evaluating.

Caught by: check_loss. Catalogue: G17.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    with torch.no_grad():
        loss = F.cross_entropy(network(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss
