"""A state that is never visited gets 0 / 0 = nan.

From then on every probability is nan. Give rows without counts a uniform row, or add a small
number to every count.

Caught by: check_never_visited. Catalogue: H17.
"""

import torch
from torch import Tensor


def baum_welch_step(
    posterior: Tensor, pairs: Tensor, symbols: Tensor, num_symbols: int
) -> tuple[Tensor, Tensor, Tensor]:
    initial = posterior[0]
    transition = _rows(pairs.sum(dim=0))
    counts = torch.zeros(posterior.shape[1], num_symbols)
    for state_probs, symbol in zip(posterior, symbols):
        counts[:, symbol] += state_probs
    return initial, transition, _rows(counts)


def _rows(counts: Tensor) -> Tensor:
    sums = counts.sum(dim=1, keepdim=True)
    return counts / sums
