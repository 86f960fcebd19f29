"""Your second run makes all steps again after loading.

`half` have been made: `num_steps - half` are left.

Caught by: check_exact.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch


def is_resume_exact(make: Callable[[int], Any], num_steps: int, half: int) -> bool:
    whole = make(0)
    for _ in range(num_steps):
        whole.step()
    first = make(0)
    for _ in range(half):
        first.step()
    state = copy.deepcopy(first.state())
    second = make(1)
    second.load(state)
    for _ in range(num_steps):
        second.step()
    pairs = zip(whole.network.parameters(), second.network.parameters(), strict=True)
    return all(torch.equal(p, q) for p, q in pairs)
