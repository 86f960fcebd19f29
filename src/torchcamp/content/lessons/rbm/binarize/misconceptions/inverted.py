"""Your pictures are negatives.

A uniform number lies **below** p with the probability p: on where the noise is below the grey.

Caught by: check_black_and_white.
"""

import torch
from torch import Tensor


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.rand(images.shape, generator=generator)
    return (noise >= images / 255).float()
