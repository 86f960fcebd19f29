from collections.abc import Iterable

import torch
from torch import Tensor, nn


def sgd_step(parameters: Iterable[nn.Parameter], lr: float) -> None:
    """Move each parameter by -lr times its gradient, in place."""
    # TODO: the update, in place
    raise NotImplementedError
