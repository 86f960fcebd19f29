"""You multiplied channels and one side of the maps.

A map has height times width numbers, 3 x 3 in the lesson's network.

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
    return maps.shape[1] * maps.shape[2]
