"""You draw with everybody's random numbers.

`generator` was handed to you and is not used: the draws come from the generator that the whole
program shares. The same seed gives other draws each time, and everybody else's change too. Pass
`generator=generator`.

Caught by: check_generator.
"""

import torch
from torch import Tensor, nn


def sample_images(
    decoder: nn.Module, num_samples: int, latent_dim: int, generator: torch.Generator
) -> Tensor:
    mode = decoder.training
    decoder.eval()
    with torch.no_grad():
        z = torch.randn(num_samples, latent_dim)
        probs = torch.sigmoid(decoder(z))
    decoder.train(mode)
    return probs
