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
    drawn = []
    with torch.no_grad():
        logits, hidden = network(prompt[None], None)
        for _ in range(num_symbols):
            symbol = draw(logits[0, -1])
            drawn.append(symbol)
            logits, hidden = network(torch.tensor([[symbol]]), hidden)
    return torch.tensor(drawn)
