"""You used the sign of the gradient.

Then every weight moves by the same length, however flat the loss is there. (There is a method
that does so; it is not this one.)

Caught by: check_one_number.
"""

from collections.abc import Iterable

import torch
from torch import nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p -= lr * p.grad.sign()
