"""You returned the inverse permutation.

Asked for is the order for which `learned[order]` lies on `true`; yours puts `true[order]` on
`learned`.

Caught by: check_cycle.
"""

import itertools

import torch
from torch import Tensor


def match_states(learned: Tensor, true: Tensor) -> Tensor:
    orders = [torch.tensor(order) for order in itertools.permutations(range(len(true)))]
    return min(orders, key=lambda order: float((true[order] - learned).square().sum()))
