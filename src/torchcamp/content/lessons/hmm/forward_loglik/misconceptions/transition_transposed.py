"""You used the transition from s to r instead of from r to s.

`transition[r, s]` goes from row to column. With `alpha` as a row, `alpha @ transition` sums over
where the chain came from; `transition @ alpha` sums over where it goes.

Caught by: check_three_symbols. Catalogue: H1.
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
            alpha = transition @ alpha
        alpha = alpha * emission[:, symbol]
        scale = alpha.sum()
        log_p = log_p + scale.log()
        alpha = alpha / scale
    return log_p
