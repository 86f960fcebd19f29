"""You did not subtract the maximum.

e^1000 is infinite, and infinity by infinity is nan. Subtract the largest logit along `dim`
first: the result is the same, and no exponent is above 0.

Caught by: check_large_logits. Catalogue: A3.
"""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int) -> Tensor:
    e = torch.exp(x)
    return e / e.sum(dim, keepdim=True)
