import torch
from torch import Tensor


def forward_loglik(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    """log p of a sequence in nats, a scalar.

    Args:
        initial: (S,). transition: (S, S), rows sum to 1. emission: (S, V), rows sum to 1.
        symbols: (T,), int64.
    """
    # TODO: walk forward, step by step
    raise NotImplementedError
