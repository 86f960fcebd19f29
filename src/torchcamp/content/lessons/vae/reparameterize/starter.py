import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    """A draw (B, Z) from N(mu, exp(logvar)), as a function of both.

    Args:
        mu, logvar: (B, Z).
    """
    # TODO: noise, scaled and moved
    raise NotImplementedError
