"""You fed the prompt's last symbol instead of the drawn one.

What was drawn must be read, or the network does not know what it has written.

Caught by: check_continues.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def generate(
    network: nn.Module, prompt: Tensor, num_symbols: int, draw: Callable[[Tensor], int]
) -> Tensor:
    drawn = []
    with torch.no_grad():
        logits, hidden = network(prompt[None], None)
        for _ in range(num_symbols):
            symbol = draw(logits[0, -1])
            drawn.append(symbol)
            logits, hidden = network(prompt[None, -1:], hidden)
    return torch.tensor(drawn)
