"""You divided.

Cross-entropies are compared by their difference: in nats, that is the log of the ratio of the
probabilities.

Caught by: check_number.
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
    network.train(was_training)
    return losses[1] / losses[0]
