"""You froze the parameters for good.

`requires_grad_(False)` also saves the tape, but it stays: the network can no longer be trained
by anybody. `no_grad` ends with its block.

Caught by: check_still_trainable.
"""

from torch import Tensor, nn


def frozen_features(network: nn.Module, images: Tensor) -> Tensor:
    was_training = network.training
    network.eval()
    network.requires_grad_(False)
    features = network(images)
    network.train(was_training)
    return features
