import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    """Numbers per picture behind `features`, once its maps are flattened.

    Args:
        features: convolutions, (B, C, H, W) to (B, C', H', W').
        image_shape: (C, H, W) of one picture.
    """
    # TODO: send a picture through and count what comes out
    raise NotImplementedError
