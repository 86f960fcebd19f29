"""You measured both with dropout on, if the network came that way.

The two are comparable, but neither is the network as it is used, and each call gives another
number. `network.eval()` first.

Caught by: check_same_mode. Catalogue: N1.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def generalisation_gap(
    network: nn.Module, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]
) -> float:
    was_training = network.training
    with torch.no_grad():
        losses = [F.cross_entropy(network(x), y).item() for x, y in (train, test)]
    network.train(was_training)
    return losses[1] - losses[0]
