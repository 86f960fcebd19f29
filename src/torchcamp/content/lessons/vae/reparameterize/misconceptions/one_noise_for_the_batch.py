"""All pictures of your batch share one noise vector.

Then the errors of a batch all point the same way instead of averaging out. Draw with the shape
of mu.

Caught by: check_noise. Catalogue: K12.
"""

import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(mu.shape[1:], generator=generator)
    return mu + (0.5 * logvar).exp() * noise
