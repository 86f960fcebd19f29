"""You kept the losses of all parts and called `backward()` once at the end.

Each loss holds its graph, with everything that its part needs on the way back, so all parts are
in memory at the same time, as with the whole batch. `backward()` in the loop frees each graph
before the next part is computed.

Caught by: check_memory. Catalogue: G19.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def step_in_parts(
    network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor, num_parts: int
) -> None:
    optimizer.zero_grad()
    total = 0
    for x, y in zip(images.chunk(num_parts), labels.chunk(num_parts)):
        total = total + F.cross_entropy(network(x), y, reduction="sum")
    (total / len(images)).backward()
    optimizer.step()
