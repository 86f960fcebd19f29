import torch
from torch import Tensor


def viterbi(initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor) -> Tensor:
    """The likeliest path of states (T,), int64.

    Args:
        initial: (S,). transition: (S, S). emission: (S, V). symbols: (T,), int64.
    """
    # TODO: the best way to each state, and the way back
    raise NotImplementedError
