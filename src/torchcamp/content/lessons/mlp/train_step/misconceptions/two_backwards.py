"""You called `backward()` twice.

`retain_graph=True` only silences the error. The second call adds the same gradient again, so the
step is twice as long as its rate says.

Caught by: check_first_step. Catalogue: G16.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    loss = F.cross_entropy(network(images), labels)
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    loss.backward()
    optimizer.step()
    return loss.detach()
