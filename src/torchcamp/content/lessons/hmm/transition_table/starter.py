import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    """Shares of the transitions (S, S), each row summing to 1.

    Args:
        sequences: walks (T,), int64, of any lengths.
    """
    # TODO: count, then divide each row
    raise NotImplementedError
