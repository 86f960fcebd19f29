"""You counted the pixels of one map and forgot that there are many.

Flattening lays all channels behind one another: C' * H' * W'.

Caught by: check_lesson_network.
"""

import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    was_training = features.training
    features.eval()
    with torch.no_grad():
        maps = features(torch.zeros(1, *image_shape))
    features.train(was_training)
    return maps[0, 0].numel()
