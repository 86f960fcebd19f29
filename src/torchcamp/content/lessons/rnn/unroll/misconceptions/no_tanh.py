"""Your state has no tanh.

Then all steps together are one linear map, and a state grows or fades by the same factor at
every step: after a hundred of them it is inf or 0.

Caught by: check_one_step. Catalogue: R16.
"""

import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    h = x.new_zeros(len(x), len(bias))
    states = []
    for t in range(x.shape[1]):
        h = x[:, t] @ weight_x + h @ weight_h + bias
        states.append(h)
    return torch.stack(states, dim=1)
