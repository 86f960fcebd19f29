"""You drew from the normal distribution.

`randn` has negative values and values above 1; a share of 0.3 of the draws must lie below 0.3:
that is uniform noise, `torch.rand`.

Caught by: check_black_and_white.
"""

import torch
from torch import Tensor


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(images.shape, generator=generator)
    return (noise < images / 255).float()
