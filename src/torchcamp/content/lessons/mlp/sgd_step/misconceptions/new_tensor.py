"""`p = p - lr * p.grad` makes a new tensor and calls it p.

The network still holds the old one, and nobody holds the new one. Change the tensor itself: `p
-= ...` inside `no_grad`.

Caught by: check_one_number. Catalogue: G8.
"""

from collections.abc import Iterable

import torch
from torch import nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p = p - lr * p.grad
