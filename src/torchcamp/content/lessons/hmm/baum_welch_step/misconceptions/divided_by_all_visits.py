"""You divided the transitions by the visits to all T steps.

From the last step the chain goes nowhere: only the T - 1 steps before it can be left. Your rows
sum to less than 1. The likelihood would still rise from step to step, so watching it does not
show this.

Caught by: check_transition. Catalogue: H11.
"""

import torch
from torch import Tensor


def baum_welch_step(
    posterior: Tensor, pairs: Tensor, symbols: Tensor, num_symbols: int
) -> tuple[Tensor, Tensor, Tensor]:
    initial = posterior[0]
    transition = pairs.sum(dim=0) / posterior.sum(dim=0)[:, None].clamp(min=1e-30)
    counts = torch.zeros(posterior.shape[1], num_symbols)
    for state_probs, symbol in zip(posterior, symbols):
        counts[:, symbol] += state_probs
    return initial, transition, _rows(counts)


def _rows(counts: Tensor) -> Tensor:
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1e-30), 1 / counts.shape[1])
