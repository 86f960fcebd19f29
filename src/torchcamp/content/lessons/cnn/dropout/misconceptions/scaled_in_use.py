"""You scaled in use instead of in training.

That is how the paper first described it, and it works. PyTorch does it the other way round: in
use the layer does nothing at all.

Caught by: check_in_use.
"""

import torch
from torch import Tensor


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    if not training:
        return x * (1 - p)
    keep = torch.rand_like(x) >= p
    return x * keep
