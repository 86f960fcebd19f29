"""You always went back to training mode.

A network that came in eval mode must leave in eval mode: remember `network.training` first.

Caught by: check_mode_afterwards.
"""

import torch
from torch import Tensor, nn


def frozen_features(network: nn.Module, images: Tensor) -> Tensor:
    was_training = network.training
    network.eval()
    with torch.no_grad():
        features = network(images)
    network.train()
    return features
