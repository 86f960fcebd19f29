"""You counted only the likeliest state of each step.

Then a state of probability 0.49 counts nothing, and one of 0.51 counts whole. Expected counts
are the probabilities themselves.

Caught by: check_transition.
"""

import torch
from torch import Tensor


def baum_welch_step(
    posterior: Tensor, pairs: Tensor, symbols: Tensor, num_symbols: int
) -> tuple[Tensor, Tensor, Tensor]:
    initial = posterior[0]
    hard = torch.nn.functional.one_hot(posterior.argmax(dim=1), posterior.shape[1]).float()
    pairs = hard[:-1, :, None] * hard[1:, None, :]
    transition = _rows(pairs.sum(dim=0))
    visits = hard
    counts = torch.zeros(posterior.shape[1], num_symbols)
    for state_probs, symbol in zip(visits, symbols):
        counts[:, symbol] += state_probs
    return initial, transition, _rows(counts)


def _rows(counts: Tensor) -> Tensor:
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1e-30), 1 / counts.shape[1])
