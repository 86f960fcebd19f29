import torch
from torch import Tensor


def transition_table(sequences: list[Tensor], num_states: int) -> Tensor:
    pairs = torch.cat([s[:-1] * num_states + s[1:] for s in sequences])
    counts = torch.bincount(pairs, minlength=num_states**2).view(num_states, num_states).float()
    counts[counts.sum(dim=1) == 0] = 1
    return counts / counts.sum(dim=1, keepdim=True)
