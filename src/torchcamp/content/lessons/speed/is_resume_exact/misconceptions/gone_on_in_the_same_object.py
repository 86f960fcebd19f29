"""You went on with the object that was saved.

It still holds everything, saved or not. A resumed run is a new process: make a new one, and
load.

Caught by: check_network. Catalogue: N11.
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
    second = first
    second.load(state)
    for _ in range(num_steps - half):
        second.step()
    pairs = zip(whole.network.parameters(), second.network.parameters(), strict=True)
    return all(torch.equal(p, q) for p, q in pairs)
