"""You added the gradient.

It points uphill. With plus, the loss rises from the first step on.

Caught by: check_one_number. Catalogue: M4.
"""

from collections.abc import Iterable

import torch
from torch import nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p += lr * p.grad
