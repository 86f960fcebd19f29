import torch
from torch import Tensor, nn


def last_states(gru: nn.GRU, x: Tensor) -> Tensor:
    """What the last layer knows after reading, (B, H) or (B, 2 H).

    Args:
        x: (B, T, D).
    """
    _, h_n = gru(x if gru.batch_first else x.transpose(0, 1))
    if gru.bidirectional:
        return torch.cat([h_n[-2], h_n[-1]], dim=1)
    return h_n[-1]
