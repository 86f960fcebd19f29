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
    log_p = torch.zeros(())
    alpha = initial
    for t, symbol in enumerate(symbols):
        if t > 0:
            alpha = alpha @ transition
        alpha = alpha * emission[:, symbol]
        scale = alpha.sum()
        log_p = log_p + scale.log()
        alpha = alpha / scale
    return log_p
