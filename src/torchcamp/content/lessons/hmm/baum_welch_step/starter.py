import torch
from torch import Tensor


def baum_welch_step(
    posterior: Tensor, pairs: Tensor, symbols: Tensor, num_symbols: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The M step: initial (S,), transition (S, S), emission (S, V).

    Args:
        posterior: (T, S). pairs: (T - 1, S, S). symbols: (T,), int64.
    """
    # TODO: expected counts, each row divided by its sum
    raise NotImplementedError
