"""You stepped along the batch.

x is (B, T, D), batch first: step t is `x[:, t]`. With `x[t]` sequences follow each other as if
they were steps, and where B = T no shape complains.

Caught by: check_shape. Catalogue: R1.
"""

import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    h = x.new_zeros(x.shape[1], len(bias))
    states = []
    for t in range(len(x)):
        h = torch.tanh(x[t] @ weight_x + h @ weight_h + bias)
        states.append(h)
    return torch.stack(states, dim=1)
