import torch
from torch import Tensor


def state_posterior(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    """p(state at t | all symbols), (T, S).

    Args:
        initial: (S,). transition: (S, S). emission: (S, V). symbols: (T,), int64.
    """
    # TODO: forward, backward, and their product
    raise NotImplementedError
