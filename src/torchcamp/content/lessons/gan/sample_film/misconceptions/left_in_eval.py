"""You left the generator in eval mode.

The training that goes on does so without dropout and without batch statistics, and nothing says
so.

Caught by: check_left_as_it_was. Catalogue: N3.
"""

import torch
from torch import Tensor, nn


class Film:
    def __init__(self, num_samples: int, latent_dim: int, seed: int) -> None:
        rng = torch.Generator().manual_seed(seed)
        self.z = torch.randn(num_samples, latent_dim, generator=rng)

    def frame(self, generator: nn.Module) -> Tensor:
        mode = generator.training
        generator.eval()
        with torch.no_grad():
            images = generator(self.z)
        return images
