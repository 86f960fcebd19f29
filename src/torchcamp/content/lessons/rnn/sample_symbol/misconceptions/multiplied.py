"""You multiplied by the temperature.

Hot means bold: at T = 2 the differences between the logits are halved. Divide.

Caught by: check_two. Catalogue: R12.
"""

import torch
from torch import Tensor


def sample_symbol(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    probs = torch.softmax(logits * temperature, dim=0)
    return int(torch.multinomial(probs, 1, generator=generator))
