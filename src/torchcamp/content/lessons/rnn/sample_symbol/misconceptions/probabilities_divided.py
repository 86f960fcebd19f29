"""You divided the probabilities.

Divided all alike they keep their ratios (and no longer sum to 1). Temperature belongs to the
logits, before the softmax.

Caught by: check_two. Catalogue: R12.
"""

import torch
from torch import Tensor


def sample_symbol(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    probs = torch.softmax(logits, dim=0) / temperature
    return int(torch.multinomial(probs, 1, generator=generator))
