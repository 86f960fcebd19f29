"""You took the mean of the batches' means.

The last batch is smaller, and its pictures would count more. Weigh by the number of pictures.

Caught by: check_unequal. Catalogue: M11.
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
        total += loss.detach()
        number += 1
    return (total / number).item()
