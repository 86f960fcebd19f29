"""You took the likeliest symbol.

Writing that way is stuck at once: "the state of the world of the world of the". A symbol of
probability 0.2 must come up once in five times.

Caught by: check_one. Catalogue: R11.
"""

import torch
from torch import Tensor


def sample_symbol(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    probs = torch.softmax(logits / temperature, dim=0)
    return int(probs.argmax())
