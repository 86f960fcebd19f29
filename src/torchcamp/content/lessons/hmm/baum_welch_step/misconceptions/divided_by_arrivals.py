"""You divided by the visits to the steps after the first.

`pairs[t, r, s]` counts leaving r at t. What is divided by is how often r was left: the visits to
all steps but the **last**, which is what each row of the summed pairs adds up to.

Caught by: check_transition.
"""

import torch
from torch import Tensor


def baum_welch_step(
    posterior: Tensor, pairs: Tensor, symbols: Tensor, num_symbols: int
) -> tuple[Tensor, Tensor, Tensor]:
    initial = posterior[0]
    transition = pairs.sum(dim=0) / posterior[1:].sum(dim=0)[:, None].clamp(min=1e-30)
    counts = torch.zeros(posterior.shape[1], num_symbols)
    for state_probs, symbol in zip(posterior, symbols):
        counts[:, symbol] += state_probs
    return initial, transition, _rows(counts)


def _rows(counts: Tensor) -> Tensor:
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1e-30), 1 / counts.shape[1])
