"""Your second term has the wrong sign.

A picture that pulls many hidden units up is likely, so its energy is low: both terms are
subtracted.

Caught by: check_visible_term. Catalogue: B1.
"""

import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    pull = hidden_bias + v @ weight
    return -v @ visible_bias + F.softplus(pull).sum(dim=1)
