"""You add up losses with their graphs.

Every batch's activations stay in memory until the end of the epoch. `loss.detach()`.

Caught by: check_nothing_kept. Catalogue: P11, G19.
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
        total = total + loss * len(x)
        number += len(x)
    return (total / number).item()
