"""You drew one number for a whole picture, and used it for all of its pixels.

The pixels are independent given their grey values: one number each.

Caught by: check_shares.
"""

import torch
from torch import Tensor


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.rand(len(images), 1, 1, 1, generator=generator)
    return (noise < images / 255).float()
