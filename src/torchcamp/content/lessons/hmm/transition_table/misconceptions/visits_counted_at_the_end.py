"""You divided by the number of visits, the last step's included.

From the last step the chain goes nowhere: there are T - 1 transitions in T steps. Your rows sum
to less than 1.

Caught by: check_one_walk. Catalogue: H11.
"""

import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    counts = torch.zeros(num_states, num_states)
    for sequence in sequences:
        for t in range(1, len(sequence)):
            counts[sequence[t - 1], sequence[t]] += 1
    sums = torch.bincount(torch.cat(sequences), minlength=num_states)[:, None]
    return torch.where(sums > 0, counts / sums.clamp(min=1), 1 / num_states)
