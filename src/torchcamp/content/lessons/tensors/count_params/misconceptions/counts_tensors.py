"""You counted tensors, not the numbers in them.

`nn.Linear(3, 2)` has two parameters, a weight of shape `(2, 3)` and a bias of shape `(2,)`.
Together they hold 8 numbers: ask each for `numel()`.

Caught by: check_one_layer.
"""

from torch import nn


def count_params(module: nn.Module) -> int:
    return sum(1 for p in module.parameters() if p.requires_grad)
