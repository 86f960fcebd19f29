from collections.abc import Iterable

from torch import nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    for p in parameters:
        if p.grad is not None:
            p.data.add_(p.grad, alpha=-lr)
