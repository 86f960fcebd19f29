"""Your weights are new at every step.

The weights are shared over time: what was learnt about one step serves at all of them, and
sequences of any length can be read.

Caught by: check_one_step. Catalogue: R16.
"""

import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    h = x.new_zeros(len(x), len(bias))
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ torch.randn_like(weight_x) + h @ weight_h + bias)
        states.append(h)
    return torch.stack(states, dim=1)
