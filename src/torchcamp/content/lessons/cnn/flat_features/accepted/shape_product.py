import math

import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    was_training = features.training
    try:
        maps = features.eval()(torch.rand(2, *image_shape))
    finally:
        features.train(was_training)
    return math.prod(maps.shape[1:])
