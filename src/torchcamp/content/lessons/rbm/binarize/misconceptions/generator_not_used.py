"""You draw with everybody's random numbers.

`generator` was handed to you and is not used: the draws come from the generator that the whole
program shares. The same seed gives other draws each time, and everybody else's change too. Pass
`generator=generator`.

Caught by: check_generator.
"""

import torch
from torch import Tensor


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.rand(images.shape)
    return (noise < images / 255).float()
