"""You took `eval()` for a switch of the gradients.

It changes what dropout and batch norm do, nothing else: the tape is kept as before.
`torch.no_grad()` is the other switch, and neither does the other's work.

Caught by: check_no_graph. Catalogue: G18.
"""

from torch import Tensor, nn


def frozen_features(network: nn.Module, images: Tensor) -> Tensor:
    was_training = network.training
    network.eval()
    features = network(images)
    network.train(was_training)
    return features
