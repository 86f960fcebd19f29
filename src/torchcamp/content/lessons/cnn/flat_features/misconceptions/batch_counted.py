"""You counted the whole batch.

You sent two pictures through and returned the numbers of both. `in_features` is what one
picture has; flattening keeps the batch axis: `flatten(start_dim=1)`.

Caught by: check_lesson_network. Catalogue: V17.
"""

import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    was_training = features.training
    features.eval()
    with torch.no_grad():
        maps = features(torch.zeros(2, *image_shape))
    features.train(was_training)
    return maps.numel()
