import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    """Numbers per picture behind `features`, once its maps are flattened.

    Args:
        features: convolutions, (B, C, H, W) to (B, C', H', W').
        image_shape: (C, H, W) of one picture.
    """
    was_training = features.training
    features.eval()  # batch norm must not learn from zeros
    with torch.no_grad():
        maps = features(torch.zeros(1, *image_shape))  # (1, C', H', W')
    features.train(was_training)
    return maps[0].numel()
