"""You sent the whole batch through at once.

The result is right, and the memory that the exercise is about is used all the same. Go part by
part.

Caught by: check_memory.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def step_in_parts(
    network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor, num_parts: int
) -> None:
    optimizer.zero_grad()
    F.cross_entropy(network(images), labels).backward()
    optimizer.step()
