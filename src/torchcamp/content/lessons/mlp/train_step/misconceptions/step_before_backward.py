"""You stepped before `backward()`.

The optimizer uses what is in `.grad` when it is called: in the first step there is nothing. In the
second, PyTorch refuses, because the step has changed weights that the tape still needs.

Caught by: check_parameters_move. Catalogue: M3.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    loss = F.cross_entropy(network(images), labels)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.detach()
