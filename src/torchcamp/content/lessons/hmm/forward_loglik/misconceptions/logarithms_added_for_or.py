"""You added logarithms where probabilities must be added.

log a + log b is the logarithm of a **and** b, the product. To come to s from r **or** from
another state, the probabilities add up: `logsumexp`.

Caught by: check_three_symbols. Catalogue: H7.
"""

import torch
from torch import Tensor


def forward_loglik(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    alpha = initial.log() + emission[:, symbols[0]].log()
    for symbol in symbols[1:]:
        alpha = (alpha[:, None] + transition.log()).sum(dim=0) + emission[:, symbol].log()
    return torch.logsumexp(alpha, dim=0)
