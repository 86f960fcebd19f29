"""You divided by the sums and threw them away.

A scaled alpha always sums to 1, so your p is 1. What you divided by is the answer: log p is the
sum of the logarithms of the scales.

Caught by: check_one_symbol. Catalogue: H5.
"""

import torch
from torch import Tensor


def forward_loglik(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    log_p = torch.zeros(())
    alpha = initial
    for t, symbol in enumerate(symbols):
        if t > 0:
            alpha = alpha @ transition
        alpha = alpha * emission[:, symbol]
        scale = alpha.sum()
        alpha = alpha / scale
    return log_p
