from collections.abc import Callable

import torch
from torch import Tensor, nn


@torch.no_grad()
def generate(
    network: nn.Module, prompt: Tensor, num_symbols: int, draw: Callable[[Tensor], int]
) -> Tensor:
    hidden = None
    for symbol in prompt:
        logits, hidden = network(symbol.view(1, 1), hidden)
    result = prompt.new_empty(num_symbols)
    for n in range(num_symbols):
        result[n] = draw(logits[0, -1])
        if n + 1 < num_symbols:
            logits, hidden = network(result[n].view(1, 1), hidden)
    return result
