"""Your first term has the wrong sign.

A bias of +5 says that this pixel likes to be on. A picture in which it is on must have a low
energy: -v.b.

Caught by: check_visible_term. Catalogue: B2.
"""

import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    pull = hidden_bias + v @ weight
    return v @ visible_bias - F.softplus(pull).sum(dim=1)
