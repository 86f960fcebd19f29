"""You drew from the prompt's first logits.

Each position predicts its successor: what follows the prompt is said at its last one, `logits[0,
-1]`.

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
            symbol = draw(logits[0, 0])
            drawn.append(symbol)
            logits, hidden = network(torch.tensor([[symbol]]), hidden)
    return torch.tensor(drawn)
