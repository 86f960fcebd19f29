"""You used weight_h transposed.

h is (B, H) and stands on the left: h @ weight_h. (`nn.RNN` stores its weights transposed; here
they are as in the formula.)

Caught by: check_two_steps.
"""

import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    h = x.new_zeros(len(x), len(bias))
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ weight_x + h @ weight_h.T + bias)
        states.append(h)
    return torch.stack(states, dim=1)
