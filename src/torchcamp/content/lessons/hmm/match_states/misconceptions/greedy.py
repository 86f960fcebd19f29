"""You chose one after the other, the nearest of what was left.

An early choice can take away what a later state needed more. With few states try all
permutations; with many there is the Hungarian algorithm
(`scipy.optimize.linear_sum_assignment`).

Caught by: check_rivals.
"""

import torch
from torch import Tensor


def match_states(learned: Tensor, true: Tensor) -> Tensor:
    free, order = list(range(len(true))), []
    for row in true:
        nearest = min(free, key=lambda i: float((learned[i] - row).square().sum()))
        free.remove(nearest)
        order.append(nearest)
    return torch.tensor(order)
