"""You summed the losses over the examples.

The two sets have different sizes: sums cannot be compared, means can.

Caught by: check_number. Catalogue: C13.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def generalisation_gap(
    network: nn.Module, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]
) -> float:
    was_training = network.training
    network.eval()
    with torch.no_grad():
        losses = [F.cross_entropy(network(x), y, reduction="sum").item() for x, y in (train, test)]
    network.train(was_training)
    return losses[1] - losses[0]
