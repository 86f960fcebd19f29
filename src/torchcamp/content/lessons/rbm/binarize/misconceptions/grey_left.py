"""You scaled the pixels, and they are still grey.

Real values between 0 and 1 are no bits: the free energy would be that of a picture which the
model cannot make. Draw: 1 with this probability, else 0.

Caught by: check_bits. Catalogue: B11.
"""

import torch
from torch import Tensor


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    return images / 255
