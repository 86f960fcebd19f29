"""You did not expect a parameter without a gradient.

A layer that was not used in this batch has `grad` None: *unsupported operand*. Skip it.

Caught by: check_unused_parameter.
"""

from collections.abc import Iterable

import torch
from torch import nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    with torch.no_grad():
        for p in parameters:
            p -= lr * p.grad
