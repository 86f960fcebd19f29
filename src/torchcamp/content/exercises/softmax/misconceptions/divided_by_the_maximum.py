"""You divided the logits by their maximum.

That keeps exponents small, and changes the answer: softmax depends on differences of logits, and
dividing changes the differences. Subtract.

Caught by: check_large_logits.
"""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    e = torch.exp(
        torch.where(x.abs().amax(dim, keepdim=True) > 80, x / x.abs().amax(dim, keepdim=True), x)
    )
    return e / e.sum(dim, keepdim=True)
