"""You subtracted the other way round.

The gap is how much **worse** the test is: test minus training.

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
    return losses[0] - losses[1]
