"""You joined the walks.

Where one ends and the next begins you counted a transition that never happened. Two walks are
independent: count inside each, and add the counts up.

Caught by: check_two_walks. Catalogue: H14.
"""

import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    counts = torch.zeros(num_states, num_states)
    for sequence in [torch.cat(sequences)]:
        for t in range(1, len(sequence)):
            counts[sequence[t - 1], sequence[t]] += 1
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1), 1 / num_states)
