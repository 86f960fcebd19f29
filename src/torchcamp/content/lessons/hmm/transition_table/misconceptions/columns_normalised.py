"""Your columns sum to 1.

A row holds where the chain goes **from** a state: that is what must sum to 1. `sum(dim=1)` adds
along a row.

Caught by: check_one_walk. Catalogue: H12.
"""

import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    counts = torch.zeros(num_states, num_states)
    for sequence in sequences:
        for t in range(1, len(sequence)):
            counts[sequence[t - 1], sequence[t]] += 1
    sums = counts.sum(dim=0, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1), 1 / num_states)
