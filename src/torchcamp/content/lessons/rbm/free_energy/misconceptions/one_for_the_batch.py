"""You summed over the batch too.

Each picture has its own free energy: (B,). Sum over the hidden units only, `dim=1`.

Caught by: check_visible_term.
"""

import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    pull = hidden_bias + v @ weight
    return -v @ visible_bias - F.softplus(pull).sum()
