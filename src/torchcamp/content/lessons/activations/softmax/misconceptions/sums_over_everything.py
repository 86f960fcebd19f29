"""You divided by the sum of the whole tensor.

Then the whole batch shares one probability. The sum goes along `dim` only, and keeps that axis
so that it can be divided by: `sum(dim, keepdim=True)`.

Caught by: check_rows.
"""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    e = torch.exp(x - x.amax(dim, keepdim=True))
    return e / e.sum()
