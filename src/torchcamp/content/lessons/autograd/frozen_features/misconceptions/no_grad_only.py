"""You took `no_grad` for eval mode.

It stops the tape. Dropout still drops, and batch norm still uses, and updates, the statistics of
this batch. `network.eval()` is the other switch.

Caught by: check_as_in_use. Catalogue: N4.
"""

import torch
from torch import Tensor, nn


def frozen_features(network: nn.Module, images: Tensor) -> Tensor:
    was_training = network.training
    with torch.no_grad():
        features = network(images)
    network.train(was_training)
    return features
