"""The hidden bias is missing.

The pull on hidden unit j is c_j + (v W)_j.

Caught by: check_random. Catalogue: B5.
"""

import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    pull = v @ weight
    return -v @ visible_bias - F.softplus(pull).sum(dim=1)
