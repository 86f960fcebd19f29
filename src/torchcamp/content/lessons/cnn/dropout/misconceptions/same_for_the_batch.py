"""You dropped whole columns.

All examples of the batch share one draw: a unit is gone for all of them. Draw for every number:
`torch.rand_like(x)`.

Caught by: check_each_by_itself.
"""

import torch
from torch import Tensor


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    if not training:
        return x
    keep = torch.rand(x.shape[1]) >= p
    return x * keep / (1 - p)
