"""You returned the reconstruction error.

It says how well one step through the hidden layer gives a picture back. A machine that copies
everything, noise too, is perfect at it, and gives noise as much probability as digits. The
likelihood is what one wants, and for a large machine it must be estimated (AIS).

Caught by: check_sums_to_one. Catalogue: B13.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    return -v @ visible_bias - F.softplus(hidden_bias + v @ weight).sum(dim=1)


def exact_loglik(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    h = torch.sigmoid(hidden_bias + v @ weight)
    back = torch.sigmoid(visible_bias + h @ weight.T)
    return -F.binary_cross_entropy(back, v, reduction="none").sum(dim=1).mean()
