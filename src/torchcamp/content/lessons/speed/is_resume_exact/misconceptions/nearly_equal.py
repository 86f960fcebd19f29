"""You allowed small differences.

"About the same" hides every such bug: a run without its momentum may even have the lower loss.
Bit for bit is possible on one machine, and only then one knows that nothing was forgotten.
`torch.equal`.

Caught by: check_small_differences. Catalogue: N11.
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
    for _ in range(num_steps - half):
        second.step()
    pairs = zip(whole.network.parameters(), second.network.parameters(), strict=True)
    return all(torch.allclose(p, q, atol=1e-4) for p, q in pairs)
