"""You divided the logits by their maximum.

That keeps exponents small, and changes the answer: softmax depends on differences of logits, and
dividing changes the differences. Subtract.

Caught by: check_one_row.
"""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    e = torch.exp(x / x.amax(dim, keepdim=True))
    return e / e.sum(dim, keepdim=True)
