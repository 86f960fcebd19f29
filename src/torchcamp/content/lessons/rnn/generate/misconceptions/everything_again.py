"""You read the whole text again for each symbol.

The result is right and the time grows with the square of the length. The state holds what was
read: feed the new symbol only.

Caught by: check_read_once. Catalogue: R13.
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
            logits, hidden = network(torch.cat([prompt, torch.tensor(drawn)])[None], None)
    return torch.tensor(drawn)
