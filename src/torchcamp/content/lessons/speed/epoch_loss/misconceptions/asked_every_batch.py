"""You ask for the number after every batch.

`.item()` makes Python wait until the device has finished, and the device wait for Python's next
order. Add tensors up, ask once.

Caught by: check_asked_once. Catalogue: P4.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def epoch_loss(
    network: nn.Module, batches: list[tuple[Tensor, Tensor]], mean: list[float], std: list[float]
) -> float:
    centre, scale = torch.tensor(mean), torch.tensor(std)
    total, number = torch.zeros(()), 0
    for x, y in batches:
        loss = F.cross_entropy(network((x - centre) / scale), y)
        total += loss.item() * len(x)
        number += len(x)
    return (total / number).item()
