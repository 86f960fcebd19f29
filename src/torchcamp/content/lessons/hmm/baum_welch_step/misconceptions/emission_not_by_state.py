"""Your emission is normalised over the states.

`emission[s]` says what state s emits; its row sums to 1. Divide by the visits to s.

Caught by: check_emission.
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
    return initial, transition, counts / counts.sum(dim=0, keepdim=True).clamp(min=1e-30)


def _rows(counts: Tensor) -> Tensor:
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1e-30), 1 / counts.shape[1])
