"""The number is right, but your function always ends in training mode.

A network that came in eval mode, ready to be used, must go back in eval mode. Remember which
it was: `was_training = features.training`.

Caught by: check_mode_given_back.
"""

import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    features.eval()
    with torch.no_grad():
        maps = features(torch.zeros(1, *image_shape))
    features.train()
    return maps[0].numel()
