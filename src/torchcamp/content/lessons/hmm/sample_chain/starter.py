import torch
from torch import Tensor


def sample_chain(
    initial: Tensor, transition: Tensor, emission: Tensor, length: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """States and symbols, both (length,), int64.

    Args:
        initial: (S,). transition: (S, S). emission: (S, V).
    """
    # TODO: draw a state, let it emit, draw the next
    raise NotImplementedError
