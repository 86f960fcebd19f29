"""`output[-1]` is the last **sequence** of the batch.

Batch first, the output is (B, T, H): its last step is `output[:, -1]`.

Caught by: check_batch_first. Catalogue: R2.
"""

import torch
from torch import Tensor, nn


def last_states(gru: nn.GRU, x: Tensor) -> Tensor:
    output, h_n = gru(x if gru.batch_first else x.transpose(0, 1))
    if not gru.bidirectional and gru.num_layers == 1:
        return output[-1]
    if gru.bidirectional:
        return torch.cat([h_n[-2], h_n[-1]], dim=1)
    return h_n[-1]
