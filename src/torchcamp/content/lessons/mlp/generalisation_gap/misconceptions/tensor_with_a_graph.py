"""You returned a tensor.

With its graph, if there was no `no_grad`: kept in a list, it keeps everything that was computed
alive. For a number in a log, `.item()`.

Caught by: check_number. Catalogue: G19.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def generalisation_gap(
    network: nn.Module, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]
) -> float:
    was_training = network.training
    network.eval()
    if True:
        losses = [F.cross_entropy(network(x), y) for x, y in (train, test)]
    network.train(was_training)
    return losses[1] - losses[0]
