"""You detached the state at every step.

Then no gradient goes back in time: the network cannot learn that an early input mattered. Detach
between chunks of a long text, not inside.

Caught by: check_gradient.
"""

import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    h = x.new_zeros(len(x), len(bias))
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ weight_x + h @ weight_h + bias)
        states.append(h)
        h = h.detach()
    return torch.stack(states, dim=1)
