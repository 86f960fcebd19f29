"""Your draw does not look at the probabilities.

`torch.randint` takes every symbol equally often. `torch.multinomial(probs, 1)` draws by weights.

Caught by: check_index.
"""

import torch
from torch import Tensor


def sample_symbol(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    probs = torch.softmax(logits / temperature, dim=0)
    return int(torch.randint(len(probs), (), generator=generator))
