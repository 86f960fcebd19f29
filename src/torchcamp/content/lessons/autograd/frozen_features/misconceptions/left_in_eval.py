"""You left the network in eval mode.

Whoever goes on training it trains without dropout and with frozen statistics, and no error tells
them. Put the mode back.

Caught by: check_mode_afterwards. Catalogue: N3.
"""

import torch
from torch import Tensor, nn


def frozen_features(network: nn.Module, images: Tensor) -> Tensor:
    was_training = network.training
    network.eval()
    with torch.no_grad():
        features = network(images)
    return features
