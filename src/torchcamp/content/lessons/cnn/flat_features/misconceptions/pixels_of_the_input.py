"""You counted the pixels of the input.

The linear layer does not see the picture but the maps behind the last convolution: more
channels, fewer pixels. Send a picture through `features` and count there.

Caught by: check_lesson_network. Catalogue: V16.
"""

from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    channels, height, width = image_shape
    return channels * height * width
