"""Your states keep their graphs.

Writing a thousand symbols then holds a thousand steps in memory. `torch.no_grad()`.

Caught by: check_no_graph. Catalogue: G19.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def generate(
    network: nn.Module, prompt: Tensor, num_symbols: int, draw: Callable[[Tensor], int]
) -> Tensor:
    drawn = []
    logits, hidden = network(prompt[None], None)
    for _ in range(num_symbols):
        symbol = draw(logits[0, -1])
        drawn.append(symbol)
        logits, hidden = network(torch.tensor([[symbol]]), hidden)
    return torch.tensor(drawn)
