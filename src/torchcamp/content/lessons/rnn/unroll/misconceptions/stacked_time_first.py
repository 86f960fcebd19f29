"""Your states are (T, B, H).

`torch.stack(states)` puts the steps first. Batch first: `dim=1`.

Caught by: check_shape. Catalogue: R1.
"""

import torch
from torch import Tensor


def unroll(x: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    h = x.new_zeros(len(x), len(bias))
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ weight_x + h @ weight_h + bias)
        states.append(h)
    return torch.stack(states)
