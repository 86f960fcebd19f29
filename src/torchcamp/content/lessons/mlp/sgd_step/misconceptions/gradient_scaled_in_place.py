"""You scaled the gradient itself.

`p.grad *= lr` leaves the scaled gradient behind. Whoever reads it afterwards, for clipping, for
a second step or for a plot, finds another one.

Caught by: check_as_torch_does.
"""

from collections.abc import Iterable

import torch
from torch import nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p -= p.grad.mul_(lr)
