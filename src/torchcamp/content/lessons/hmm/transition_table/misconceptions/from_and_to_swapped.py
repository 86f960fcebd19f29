"""You counted at [to, from].

The first index is where the chain was, the second where it went.

Caught by: check_one_walk. Catalogue: H1.
"""

import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    counts = torch.zeros(num_states, num_states)
    for sequence in sequences:
        for t in range(1, len(sequence)):
            counts[sequence[t], sequence[t - 1]] += 1
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1), 1 / num_states)
