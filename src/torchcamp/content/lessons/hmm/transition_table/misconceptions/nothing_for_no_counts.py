"""A row of your table is nan (0 divided by 0).

A state that nobody left has no counts. Nothing is known about where it goes, so every state is
as likely: 1 / S. One nan would spread into every probability that you compute with the table.

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
    return counts / sums
