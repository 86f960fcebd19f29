from collections.abc import Iterable

import torch
from torch import nn


@torch.no_grad()
def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    for p in parameters:
        gradient = torch.zeros_like(p) if p.grad is None else p.grad
        p.copy_(p - lr * gradient)
