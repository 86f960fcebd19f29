"""You keep the share p and drop the rest.

In PyTorch p is the probability of being **dropped**.

Caught by: check_share.
"""

import torch
from torch import Tensor


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    if not training:
        return x
    keep = torch.rand_like(x) < p
    return x * keep / p
