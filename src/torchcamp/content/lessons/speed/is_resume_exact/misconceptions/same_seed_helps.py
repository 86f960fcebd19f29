"""Your second run begins with the first one's seed.

Then what was drawn at the beginning and not saved comes back by itself, and the test does not
see that it was forgotten. Make it with another seed.

Caught by: check_what_was_drawn_once. Catalogue: N11.
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
    second = make(0)
    second.load(state)
    for _ in range(num_steps - half):
        second.step()
    pairs = zip(whole.network.parameters(), second.network.parameters(), strict=True)
    return all(torch.equal(p, q) for p, q in pairs)
