"""Your standard deviation is exp(logvar): that is the variance.

Half of a logarithm is the logarithm of the root: σ = exp(logvar / 2). With the variance, 4 where
2 belongs, codes are scattered twice as far.

Caught by: check_spread. Catalogue: K10.
"""

import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(mu.shape, generator=generator)
    return mu + logvar.exp() * noise
