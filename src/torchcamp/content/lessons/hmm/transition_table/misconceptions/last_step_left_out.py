"""You stopped one step too early.

A walk of T states has T - 1 transitions, and the last of them goes to the last state.

Caught by: check_one_walk.
"""

import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    counts = torch.zeros(num_states, num_states)
    for sequence in sequences:
        for t in range(1, len(sequence) - 1):
            counts[sequence[t - 1], sequence[t]] += 1
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1), 1 / num_states)
