"""You emptied the gradient after the step.

A loop that adds gradients up, or looks at them, would then find nothing. Stepping and emptying
are two things, and PyTorch keeps them apart.

Caught by: check_as_torch_does.
"""

from collections.abc import Iterable

import torch
from torch import nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p -= lr * p.grad
                p.grad = None
