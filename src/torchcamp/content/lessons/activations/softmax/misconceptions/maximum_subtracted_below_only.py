"""You subtracted the maximum in one place only.

The numerator and the denominator must have the same shift, or it does not cancel. Compute the
shifted exponentials once and use them twice.

Caught by: check_one_row.
"""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    e = torch.exp(x - x.amax(dim, keepdim=True))
    return torch.exp(x) / e.sum(dim, keepdim=True)
