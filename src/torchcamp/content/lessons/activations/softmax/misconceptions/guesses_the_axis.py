"""You did not use `dim`.

You took axis 1, as `F.softmax` without `dim` guesses for a table, with a warning. For other
shapes the guess is another. Name the axis.

Caught by: check_columns. Catalogue: A5.
"""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    dim = 0 if x.dim() in (1, 3) else 1
    e = torch.exp(x - x.amax(dim, keepdim=True))
    return e / e.sum(dim, keepdim=True)
