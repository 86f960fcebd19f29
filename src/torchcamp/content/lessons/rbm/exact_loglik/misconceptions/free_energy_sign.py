"""Your sign of the free energy is turned around.

Low free energy is high probability: p = exp(-F) / Z.

Caught by: check_random.
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
    log_z = torch.logsumexp(free_energy(every, *parameters), dim=0)
    return (free_energy(v, *parameters) - log_z).mean()
