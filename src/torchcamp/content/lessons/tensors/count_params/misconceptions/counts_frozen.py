"""You counted what is frozen.

`requires_grad=False` takes a parameter out of training: no gradient, no step.

Caught by: check_frozen.
"""

from torch import nn


def count_params(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())
