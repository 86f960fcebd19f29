import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    """Shares of the transitions (S, S), each row summing to 1.

    Args:
        sequences: walks (T,), int64, of any lengths.
    """
    counts = torch.zeros(num_states, num_states)
    for sequence in sequences:
        for t in range(1, len(sequence)):
            counts[sequence[t - 1], sequence[t]] += 1
    sums = counts.sum(dim=1, keepdim=True)
    return torch.where(sums > 0, counts / sums.clamp(min=1), 1 / num_states)
