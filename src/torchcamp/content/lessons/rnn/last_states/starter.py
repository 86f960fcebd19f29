import torch
from torch import Tensor, nn


def last_states(gru: nn.GRU, x: Tensor) -> Tensor:
    """What the last layer knows after reading, (B, H) or (B, 2 H).

    Args:
        x: (B, T, D).
    """
    # TODO: the last layer's last states
    raise NotImplementedError
