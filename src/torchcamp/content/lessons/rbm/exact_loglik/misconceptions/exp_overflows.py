"""With strong weights your Z is inf.

exp(200) is more than 32 bits hold. `torch.logsumexp` takes the largest out before it adds.

Caught by: check_strong. Catalogue: B7.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    return -v @ visible_bias - F.softplus(hidden_bias + v @ weight).sum(dim=1)


def exact_loglik(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    parameters = (weight, visible_bias, hidden_bias)
    every = torch.tensor(list(itertools.product([0.0, 1.0], repeat=v.shape[1])))
    log_z = (-free_energy(every, *parameters)).exp().sum().log()
    return (-free_energy(v, *parameters) - log_z).mean()
