"""You weighted every part the same.

In a part of one, that picture counts as much as three others together. Weight by size: the
part's sum divided by N.

Caught by: check_smaller_last_part. Catalogue: M11.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def step_in_parts(
    network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor, num_parts: int
) -> None:
    optimizer.zero_grad()
    for x, y in zip(images.chunk(num_parts), labels.chunk(num_parts)):
        loss = F.cross_entropy(network(x), y) / num_parts
        loss.backward()
    optimizer.step()
