"""You took the root of logvar.

logvar is a logarithm, and may be negative: its root is nan. The variance is exp(logvar), and the
root of **that** is exp(logvar / 2).

Caught by: check_without_spread.
"""

import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(mu.shape, generator=generator)
    return mu + logvar.sqrt() * noise
