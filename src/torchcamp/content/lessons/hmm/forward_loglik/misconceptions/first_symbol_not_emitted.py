"""Your first symbol costs nothing.

The chain emits at its first step too: alpha begins as initial times the emission of the first
symbol.

Caught by: check_one_symbol. Catalogue: H2.
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
        alpha = alpha * emission[:, symbol] if t > 0 else alpha
        scale = alpha.sum()
        log_p = log_p + scale.log()
        alpha = alpha / scale
    return log_p
