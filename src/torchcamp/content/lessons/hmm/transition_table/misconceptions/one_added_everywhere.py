"""You added 1 to every count.

That is smoothing: useful with little data, but it is another estimate. Here a transition that
was never seen gets the share 0, and only a row without any counts is uniform.

Caught by: check_one_walk.
"""

import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    counts = torch.ones(num_states, num_states)
    for sequence in sequences:
        for t in range(1, len(sequence)):
            counts[sequence[t - 1], sequence[t]] += 1
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1), 1 / num_states)
