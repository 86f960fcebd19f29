"""You compared with 0 to 255.

A uniform number is always below 1: every pixel that is not black comes out on. Divide by 255.

Caught by: check_shares.
"""

import torch
from torch import Tensor


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.rand(images.shape, generator=generator)
    return (noise < images).float()
