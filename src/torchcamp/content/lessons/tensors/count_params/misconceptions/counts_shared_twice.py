"""You counted a shared weight twice.

Two layers that hold the same tensor learn one set of numbers. `module.parameters()` gives each
tensor once; going from layer to layer meets it again.

Caught by: check_shared.
"""

from torch import nn


def count_params(module: nn.Module) -> int:
    return sum(
        p.numel()
        for p in (q for m in module.modules() for q in m.parameters(recurse=False))
        if p.requires_grad
    )
