"""You left the network in eval mode.

Its training goes on without dropout from here on, and nobody is told.

Caught by: check_left_as_it_was. Catalogue: N3.
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
        losses = [F.cross_entropy(network(x), y).item() for x, y in (train, test)]
    return losses[1] - losses[0]
