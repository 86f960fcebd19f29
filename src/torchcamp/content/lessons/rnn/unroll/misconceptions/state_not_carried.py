"""Your state is not carried along.

Each step begins at 0 again, so the network sees one input at a time and remembers nothing.
Assign the new state to h.

Caught by: check_two_steps.
"""

import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    h = x.new_zeros(len(x), len(bias))
    states = []
    for t in range(x.shape[1]):
        states.append(torch.tanh(x[:, t] @ weight_x + h @ weight_h + bias))
    return torch.stack(states, dim=1)
