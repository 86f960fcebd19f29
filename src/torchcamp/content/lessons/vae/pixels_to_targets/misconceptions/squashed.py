"""You squashed the pixels with a sigmoid.

It brings any number between 0 and 1, but not the picture's greys: black becomes 0.4.

Caught by: check_black_and_white. Catalogue: K16.
"""

import torch
from torch import Tensor


def pixels_to_targets(x: Tensor, mean: float, std: float) -> Tensor:
    return torch.sigmoid(x).flatten(start_dim=1)
