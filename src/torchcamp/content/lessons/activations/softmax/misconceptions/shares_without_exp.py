"""You divided the logits by their sum.

Logits can be negative, and their sum can be 0. `exp` makes them positive first, and turns
differences into ratios.

Caught by: check_one_row.
"""

from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    e = x - x.amin(dim, keepdim=True) + 1
    return e / e.sum(dim, keepdim=True)
