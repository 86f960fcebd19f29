"""You never emptied the gradients.

`backward()` adds to `.grad`; it does not replace what is there. So the second step goes down the
sum of two batches, the third of three, and the rate grows without anybody having set it. Call
`optimizer.zero_grad()` before `backward()`.

Caught by: check_only_this_batch. Catalogue: G9.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    loss = F.cross_entropy(network(images), labels)
    loss.backward()
    optimizer.step()
    return loss.detach()
