"""You gave batch-first sequences to a GRU that reads time first.

It read 7 steps of a batch of 4, where you have 4 steps of a batch of 7. Both are legal shapes,
so nothing raises; the sequences are mixed up. Look at `gru.batch_first`.

Caught by: check_time_first. Catalogue: R1.
"""

import torch
from torch import Tensor, nn


def last_states(gru: nn.GRU, x: Tensor) -> Tensor:
    _, h_n = gru(x)
    if gru.bidirectional:
        return torch.cat([h_n[-2], h_n[-1]], dim=1)
    return h_n[-1]
