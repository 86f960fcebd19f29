"""Your codes are uniform.

The decoder has learnt codes from around 0, in all directions. `torch.rand` shows it one corner
only.

Caught by: check_prior. Catalogue: K11.
"""

import torch
from torch import Tensor, nn


def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    mode = decoder.training
    decoder.eval()
    with torch.no_grad():
        z = torch.rand(num_samples, latent_dim, generator=generator)
        probs = torch.sigmoid(decoder(z))
    decoder.train(mode)
    return probs
