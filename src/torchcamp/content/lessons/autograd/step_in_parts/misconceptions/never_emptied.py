"""You never emptied the gradients.

Within the batch they are to add up; from one batch to the next they are not. One `zero_grad`
before the first part.

Caught by: check_begins_clean. Catalogue: G9.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def step_in_parts(
    network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor, num_parts: int
) -> None:
    for x, y in zip(images.chunk(num_parts), labels.chunk(num_parts)):
        loss = F.cross_entropy(network(x), y, reduction="sum") / len(images)
        loss.backward()
    optimizer.step()
