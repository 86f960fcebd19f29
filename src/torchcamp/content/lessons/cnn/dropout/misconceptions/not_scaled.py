"""You did not scale what is left.

With p = 0.5 the next layer then gets half of what it gets in use, and its weights fit neither.
Divide by 1 - p.

Caught by: check_average.
"""

import torch
from torch import Tensor


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    if not training:
        return x
    keep = torch.rand_like(x) >= p
    return x * keep
