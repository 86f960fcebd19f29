"""You emptied the gradients between `backward()` and `step()`.

`backward()` has just filled them; `step()` then finds nothing and leaves every parameter as it
was, without an error. Empty them before `backward()`.

Caught by: check_parameters_move. Catalogue: G10.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    loss = F.cross_entropy(network(images), labels)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.detach()
