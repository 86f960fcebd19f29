"""Your exponential overflows.

3.2 / 0.01 is 320, and e³²⁰ is more than 32 bits hold: inf / inf is nan. `torch.softmax` takes
the largest out first.

Caught by: check_far.
"""

import torch
from torch import Tensor


def sample_symbol(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    probs = (logits / temperature).exp() / (logits / temperature).exp().sum()
    return int(torch.multinomial(probs, 1, generator=generator))
