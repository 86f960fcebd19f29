import copy

import torch
from torch import nn


def flat_features(features: nn.Module, image_shape: tuple[int, int, int]) -> int:
    probe = copy.deepcopy(features).eval()
    return probe(torch.zeros(1, *image_shape)).flatten(1).shape[1]
