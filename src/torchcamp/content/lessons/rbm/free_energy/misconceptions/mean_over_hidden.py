"""You took the mean over the hidden units.

Their factors multiply, so their logarithms add up. With 500 units a mean would be 500 times too
small beside v.b.

Caught by: check_visible_term. Catalogue: B6.
"""

import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    pull = hidden_bias + v @ weight
    return -v @ visible_bias - F.softplus(pull).mean(dim=1)
