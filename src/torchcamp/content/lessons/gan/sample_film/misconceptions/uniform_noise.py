"""Your film's noise is uniform.

Training draws from N(0, I): in 100 dimensions such a vector is about 10 long, and one from
`torch.rand` 5.8, all of it in one corner. G has never seen that place.

Caught by: check_law. Catalogue: D13.
"""

import torch
from torch import Tensor, nn


class Film:
    def __init__(self, num_samples: int, latent_dim: int, seed: int) -> None:
        rng = torch.Generator().manual_seed(seed)
        self.z = torch.rand(num_samples, latent_dim, generator=rng)

    def frame(self, generator: nn.Module) -> Tensor:
        mode = generator.training
        generator.eval()
        with torch.no_grad():
            images = generator(self.z)
        generator.train(mode)
        return images
