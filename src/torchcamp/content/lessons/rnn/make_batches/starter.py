import torch
from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    """Pairs of inputs and targets, each (batch_size, num_steps).

    Args:
        text: (N,), int64.
    """
    # TODO: rows first, then chunks of their columns
    raise NotImplementedError
