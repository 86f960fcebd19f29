"""You scaled the mean as well.

z = mu + σ ε: σ belongs to the noise only.

Caught by: check_without_spread.
"""

import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(mu.shape, generator=generator)
    return (mu + noise) * (0.5 * logvar).exp()
