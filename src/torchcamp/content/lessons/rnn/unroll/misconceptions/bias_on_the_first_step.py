"""Your bias is missing.

It is added at every step, inside the tanh.

Caught by: check_one_step.
"""

import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    h = x.new_zeros(len(x), len(bias))
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ weight_x + h @ weight_h)
        states.append(h)
    return torch.stack(states, dim=1)
