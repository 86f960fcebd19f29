"""Your second run begins with the first one's seed.

Then what it forgot to save comes back by itself, as long as you resume in the same way as you
began. Make it with another seed.

Caught by: check_random_state. Catalogue: N11.
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
    getattr(second, "rng", torch.Generator()).manual_seed(0)
    for _ in range(half):
        torch.randn(4, 3, generator=second.rng)
    second.load(state)
    for _ in range(num_steps - half):
        second.step()
    pairs = zip(whole.network.parameters(), second.network.parameters(), strict=True)
    return all(torch.equal(p, q) for p, q in pairs)
