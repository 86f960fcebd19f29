"""Your noise is uniform.

`torch.rand` gives numbers between 0 and 1: never negative, of deviation 0.29. The prior is a
Gaussian: `torch.randn`.

Caught by: check_noise. Catalogue: K11.
"""

import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.rand(mu.shape, generator=generator)
    return mu + (0.5 * logvar).exp() * noise
