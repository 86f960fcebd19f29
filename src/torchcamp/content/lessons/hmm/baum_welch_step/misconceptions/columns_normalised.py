"""You normalised the columns.

A row says where the chain goes from its state. The rows must sum to 1; in yours it is the
columns.

Caught by: check_transition. Catalogue: H12.
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
    sums = counts.sum(dim=0, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1e-30), 1 / counts.shape[1])
