"""You wrote the zeros into x.

Somebody else may still need it, the tape for instance. `x * keep` makes a new tensor.

Caught by: check_input_unchanged.
"""

import torch
from torch import Tensor


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    if not training:
        return x
    keep = torch.rand_like(x) >= p
    return x.mul_(keep).div_(1 - p)
