"""You switched off the parameters' gradients.

`requires_grad_(False)` also lets you change them, but it stays off: from the next step on
nothing is learnt. `no_grad` ends with its block.

Caught by: check_still_parameters.
"""

from collections.abc import Iterable

from torch import nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    for p in parameters:
        p.requires_grad_(False)
        if p.grad is not None:
            p -= lr * p.grad
