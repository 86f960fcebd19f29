"""At the end you took the largest alpha instead of their sum.

The chain may have ended in any state. All of them are ways in which the symbols can have come
about: add them up.

Caught by: check_one_symbol. Catalogue: H4.
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
        log_p = log_p + scale.log()
        alpha = alpha / scale
    return log_p + alpha.max().log()
