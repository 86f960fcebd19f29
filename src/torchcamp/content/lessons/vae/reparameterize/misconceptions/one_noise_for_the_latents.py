"""All latents of a picture share one number.

Then the code moves along one line only. One number each: draw with the shape of mu.

Caught by: check_own_noise. Catalogue: K12.
"""

import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(len(mu), 1, generator=generator)
    return mu + (0.5 * logvar).exp() * noise
