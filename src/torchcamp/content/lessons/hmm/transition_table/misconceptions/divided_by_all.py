"""You divided by all transitions.

That is how often each pair occurs. What is asked is where the chain goes **once it is in r**:
divide each row by its own sum.

Caught by: check_one_walk.
"""

import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    counts = torch.zeros(num_states, num_states)
    for sequence in sequences:
        for t in range(1, len(sequence)):
            counts[sequence[t - 1], sequence[t]] += 1
    sums = counts.sum()
    return torch.where(sums > 0, counts / sums.clamp(min=1), 1 / num_states)
