"""You took the pooling for a layer that moves one pixel at a time.

`MaxPool2d(2)` has stride 2 unless told otherwise: its stride is its size. So it halves the
maps, and does not only take a pixel from each side.

Caught by: check_lesson_network. Catalogue: V20.
"""

import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    was_training = features.training
    features.eval()
    x = torch.zeros(1, *image_shape)
    with torch.no_grad():
        for layer in features:
            if isinstance(layer, nn.MaxPool2d):
                layer = nn.MaxPool2d(layer.kernel_size, stride=1)
            x = layer(x)
    features.train(was_training)
    return x[0].numel()
