"""You fed the drawn symbol without the state.

Then the network has forgotten the prompt and all that it wrote: every symbol depends on the one
before it only.

Caught by: check_state. Catalogue: R13.
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
            logits, hidden = network(torch.tensor([[symbol]]), None)
    return torch.tensor(drawn)
