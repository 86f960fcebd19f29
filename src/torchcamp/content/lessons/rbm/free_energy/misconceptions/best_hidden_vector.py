"""You took the energy of the best hidden vector.

That one contributes most, and the others contribute too: the free energy sums over all of them.
max(0, x) is log(1 + e^x) only when x is far from 0.

Caught by: check_visible_term. Catalogue: B4.
"""

import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    pull = hidden_bias + v @ weight
    return -v @ visible_bias - F.relu(pull).sum(dim=1)
