"""The number is right, but looking changed the network.

In training mode batch norm takes every batch into its running statistics, your picture of
zeros too. Call `features.eval()` first. `torch.no_grad()` does not do that: it switches off
gradients, not training mode.

Caught by: check_statistics_untouched. Catalogue: N4.
"""

import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    with torch.no_grad():
        maps = features(torch.zeros(1, *image_shape))
    return maps[0].numel()
