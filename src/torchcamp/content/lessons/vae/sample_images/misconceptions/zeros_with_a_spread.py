"""You drew from one Gaussian with a mean and a deviation of your own.

That is what an encoder would say about one picture. There is no picture: the prior is N(0, I),
and nothing else.

Caught by: check_prior. Catalogue: K19.
"""

import torch
from torch import Tensor, nn


def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    mode = decoder.training
    decoder.eval()
    with torch.no_grad():
        z = 0.7 + 0.4 * torch.randn(num_samples, latent_dim, generator=generator)
        probs = torch.sigmoid(decoder(z))
    decoder.train(mode)
    return probs
