"""All latents of your code are the same number.

The code has `latent_dim` numbers, each drawn by itself.

Caught by: check_prior. Catalogue: K12.
"""

import torch
from torch import Tensor, nn


def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    mode = decoder.training
    decoder.eval()
    with torch.no_grad():
        z = torch.randn(num_samples, 1, generator=generator).expand(-1, latent_dim)
        probs = torch.sigmoid(decoder(z))
    decoder.train(mode)
    return probs
