"""You added up the means of the parts.

Four means add up to four times the mean: a step four times as long. Divide each part's sum by
the number of **all** pictures.

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
        loss = F.cross_entropy(network(x), y)
        loss.backward()
    optimizer.step()
