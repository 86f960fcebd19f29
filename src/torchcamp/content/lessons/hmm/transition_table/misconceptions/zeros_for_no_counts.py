"""A row of your table is all zeros.

You kept the division from failing, and the row of a state that nobody left sums to 0: from there
the chain could go nowhere. Nothing is known about it, so every state is as likely: 1 / S.

Caught by: check_never_left. Catalogue: H17.
"""

import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    counts = torch.zeros(num_states, num_states)
    for sequence in sequences:
        for t in range(1, len(sequence)):
            counts[sequence[t - 1], sequence[t]] += 1
    sums = counts.sum(dim=1, keepdim=True)
    return counts / sums.clamp(min=1)
