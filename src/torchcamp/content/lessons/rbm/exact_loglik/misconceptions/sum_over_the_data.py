"""Your Z sums over the pictures of the batch.

Then the batch would have all the probability, whatever the model thinks of other pictures. Z is
the sum over every picture of V bits.

Caught by: check_nothing_known.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    return -v @ visible_bias - F.softplus(hidden_bias + v @ weight).sum(dim=1)


def exact_loglik(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    parameters = (weight, visible_bias, hidden_bias)
    every = v
    log_z = torch.logsumexp(-free_energy(every, *parameters), dim=0)
    return (-free_energy(v, *parameters) - log_z).mean()
