"""You changed a parameter where the tape could see it.

PyTorch refuses: *a leaf Variable that requires grad is being used in an in-place operation*. The
update belongs inside `torch.no_grad()`.

Caught by: check_one_number. Catalogue: G7.
"""

from collections.abc import Iterable

from torch import nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad
