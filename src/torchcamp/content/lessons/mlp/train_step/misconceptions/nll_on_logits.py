"""You passed logits to `F.nll_loss`.

It expects log-probabilities and only picks the true class's number. On logits the result looks
like a loss and has no lower bound. Use `F.cross_entropy`, which is log-softmax and `nll_loss`
in one.

Caught by: check_loss. Catalogue: C4.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    loss = F.nll_loss(network(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
