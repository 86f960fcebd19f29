"""You went back to training mode even if the network came in eval mode.

Remember `network.training` and put that back.

Caught by: check_left_as_it_was.
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
    network.train()
    return losses[1] - losses[0]
