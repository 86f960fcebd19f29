"""You lost the axis that you summed over.

The sum along `dim` has one axis less, so its numbers are lined up with the wrong ones, or with none.
`keepdim=True` keeps the axis, with size 1, and it can be divided by.

Caught by: check_rows.
"""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    e = torch.exp(x)
    return e / e.sum(dim)
