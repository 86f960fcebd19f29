"""Your initial is the average over all steps.

`initial` is about the first step only: `posterior[0]`. With one sequence that is all there is to
know.

Caught by: check_initial.
"""

import torch
from torch import Tensor


def baum_welch_step(
    posterior: Tensor, pairs: Tensor, symbols: Tensor, num_symbols: int
) -> tuple[Tensor, Tensor, Tensor]:
    initial = posterior.mean(dim=0)
    transition = _rows(pairs.sum(dim=0))
    counts = torch.zeros(posterior.shape[1], num_symbols)
    for state_probs, symbol in zip(posterior, symbols):
        counts[:, symbol] += state_probs
    return initial, transition, _rows(counts)


def _rows(counts: Tensor) -> Tensor:
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1e-30), 1 / counts.shape[1])
