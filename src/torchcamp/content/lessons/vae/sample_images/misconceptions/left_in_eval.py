"""You left the decoder in eval mode.

Whoever trains on will train without dropout, and nothing says so. Put it back as it was.

Caught by: check_mode. Catalogue: N3.
"""

import torch
from torch import Tensor, nn


def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    mode = decoder.training
    decoder.eval()
    with torch.no_grad():
        z = torch.randn(num_samples, latent_dim, generator=generator)
        probs = torch.sigmoid(decoder(z))
    return probs
