"""The number is right, but the network is left in eval mode.

If training goes on afterwards, dropout stays off and batch norm stops learning its statistics,
without a word. Remember `features.training` and give it back with `features.train(...)`.

Caught by: check_mode_given_back. Catalogue: N3.
"""

import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    features.eval()
    with torch.no_grad():
        maps = features(torch.zeros(1, *image_shape))
    return maps[0].numel()
