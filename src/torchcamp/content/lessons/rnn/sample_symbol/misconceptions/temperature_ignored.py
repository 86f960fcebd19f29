"""The temperature changes nothing in yours.

Divide the logits by it.

Caught by: check_two.
"""

import torch
from torch import Tensor


def sample_symbol(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    probs = torch.softmax(logits, dim=0)
    return (
        int(torch.multinomial(probs, 1, generator=generator))
        if temperature > 0.1
        else int(probs.argmax())
    )
