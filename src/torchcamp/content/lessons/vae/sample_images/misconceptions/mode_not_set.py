"""You asked the decoder in the mode that it came in.

After training that is train mode: dropout throws away half of the units of every sample.

Caught by: check_mode. Catalogue: N1.
"""

import torch
from torch import Tensor, nn


def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    mode = decoder.training
    with torch.no_grad():
        z = torch.randn(num_samples, latent_dim, generator=generator)
        probs = torch.sigmoid(decoder(z))
    decoder.train(mode)
    return probs
