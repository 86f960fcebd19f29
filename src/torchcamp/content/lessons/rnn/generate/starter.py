from collections.abc import Callable

import torch
from torch import Tensor, nn


def generate(
    network: nn.Module, prompt: Tensor, num_symbols: int, draw: Callable[[Tensor], int]
) -> Tensor:
    """The symbols that follow the prompt, (num_symbols,), int64.

    Args:
        prompt: (T,), int64, at least one.
    """
    # TODO: read the prompt, then draw and read
    raise NotImplementedError
