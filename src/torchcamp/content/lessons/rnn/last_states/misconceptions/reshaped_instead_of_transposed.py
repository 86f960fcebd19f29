"""You reshaped (B, T, D) to (T, B, D).

A reshape reads the numbers on in their order and cuts them elsewhere: steps of one sequence
become steps of another. To exchange axes, transpose.

Caught by: check_time_first. Catalogue: T2.
"""

import torch
from torch import Tensor, nn


def last_states(gru: nn.GRU, x: Tensor) -> Tensor:
    _, h_n = gru(x if gru.batch_first else x.reshape(x.shape[1], x.shape[0], x.shape[2]))
    if gru.bidirectional:
        return torch.cat([h_n[-2], h_n[-1]], dim=1)
    return h_n[-1]
