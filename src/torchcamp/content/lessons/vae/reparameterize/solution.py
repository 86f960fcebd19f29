import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    """A draw (B, Z) from N(mu, exp(logvar)), as a function of both.

    Args:
        mu, logvar: (B, Z).
    """
    noise = torch.randn(mu.shape, generator=generator)
    return mu + (0.5 * logvar).exp() * noise
