"""You compared state 0 with state 0.

The numbers mean nothing: EM gives each state the number that chance gave it at the beginning.
Two equal models can differ in every entry of their tables.

Caught by: check_cycle. Catalogue: H15.
"""

import torch
from torch import Tensor


def match_states(learned: Tensor, true: Tensor) -> Tensor:
    return torch.arange(len(true))
