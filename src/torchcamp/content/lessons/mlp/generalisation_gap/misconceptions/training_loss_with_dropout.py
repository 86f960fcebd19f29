"""You measured the training loss with dropout on and the test loss with it off.

That is what a training log shows, and it compares two different networks: the one with half of
its units missing looks worse. Measure both in eval mode.

Caught by: check_same_mode. Catalogue: M14.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def generalisation_gap(
    network: nn.Module, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]
) -> float:
    was_training = network.training
    with torch.no_grad():
        losses = [
            F.cross_entropy(network.train(mode)(x), y).item()
            for mode, (x, y) in ((was_training, train), (False, test))
        ]
    network.train(was_training)
    return losses[1] - losses[0]
