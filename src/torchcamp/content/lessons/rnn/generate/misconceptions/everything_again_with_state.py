"""You fed the whole text again, with a state that knew it already.

Each symbol is then read many times. Either feed everything without a state, or (far cheaper) the
new symbol with it.

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
            logits, hidden = network(torch.cat([prompt, torch.tensor(drawn)])[None], hidden)
    return torch.tensor(drawn)
