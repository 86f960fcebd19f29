import torch
from torch import Tensor


def sample_symbol(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    """The index of a drawn symbol.

    Args:
        logits: (V,). temperature: above 0.
    """
    probs = torch.softmax(logits / temperature, dim=0)
    return int(torch.multinomial(probs, 1, generator=generator))
