"""Every picture got the same draws.

You drew for one picture and broadcast it over the batch. Draw with the whole shape.

Caught by: check_each_pixel.
"""

import torch
from torch import Tensor


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.rand(images.shape[1:], generator=generator)
    return (noise < images / 255).float()
