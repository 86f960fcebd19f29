"""You emptied the gradients between the last `backward()` and `step()`.

The optimizer then finds nothing and leaves every weight as it is.

Caught by: check_one_part. Catalogue: G10.
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
    optimizer.zero_grad()
    optimizer.step()
