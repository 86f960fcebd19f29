"""You took the largest instead of the sum.

That is Viterbi's question: how likely is the **best** path? What was seen can have come about on
any of them, so their probabilities add up.

Caught by: check_three_symbols. Catalogue: H4.
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
            alpha = (alpha[:, None] * transition).amax(dim=0)
        alpha = alpha * emission[:, symbol]
        scale = alpha.sum()
        log_p = log_p + scale.log()
        alpha = alpha / scale
    return log_p
