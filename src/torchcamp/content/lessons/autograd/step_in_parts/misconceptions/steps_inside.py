"""You stepped after every part.

Then later parts meet other weights: these are several small steps, not one. Step once, when all
parts have spoken.

Caught by: check_equal_parts.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def step_in_parts(
    network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor, num_parts: int
) -> None:
    optimizer.zero_grad()
    for x, y in zip(images.chunk(num_parts), labels.chunk(num_parts)):
        loss = F.cross_entropy(network(x), y, reduction="sum") / len(images)
        loss.backward()
        optimizer.step()
