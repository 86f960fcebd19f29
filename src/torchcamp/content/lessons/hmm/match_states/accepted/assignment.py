import itertools

import torch
from torch import Tensor


def match_states(learned: Tensor, true: Tensor) -> Tensor:
    best, found = float("inf"), None
    for order in itertools.permutations(range(len(true))):
        cost = sum(float(((learned[i] - row) ** 2).sum()) for i, row in zip(order, true))
        if cost < best:
            best, found = cost, order
    return torch.tensor(found)
