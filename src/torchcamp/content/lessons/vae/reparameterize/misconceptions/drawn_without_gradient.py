"""No gradient passes through your draw.

`torch.normal` and `Normal.sample()` draw, and give a number without history. Written as mu + σ ε
the draw is a function of mu and σ (`rsample()` does the same).

Caught by: check_gradients. Catalogue: K13.
"""

import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    with torch.no_grad():
        return torch.normal(mu, (0.5 * logvar).exp(), generator=generator)
