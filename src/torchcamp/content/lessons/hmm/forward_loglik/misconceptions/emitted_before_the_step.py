"""You let the old state emit the new symbol.

First the chain moves, then the state where it arrives emits: sum over r first, then times the
emission of s.

Caught by: check_three_symbols. Catalogue: H3.
"""

import torch
from torch import Tensor


def forward_loglik(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    log_p = torch.zeros(())
    alpha = initial
    for t, symbol in enumerate(symbols):
        alpha = alpha * emission[:, symbol]
        alpha = alpha @ transition
        if t == 0:
            alpha = initial * emission[:, symbol]
        scale = alpha.sum()
        log_p = log_p + scale.log()
        alpha = alpha / scale
    return log_p
