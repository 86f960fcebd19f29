"""Your generator draws in train mode.

Its dropout throws away half of the units of every picture, and its batch norm looks at the
batch. `eval()` first.

Caught by: check_eval. Catalogue: D22.
"""

import torch
from torch import Tensor, nn


class Film:
    def __init__(self, num_samples: int, latent_dim: int, seed: int) -> None:
        rng = torch.Generator().manual_seed(seed)
        self.z = torch.randn(num_samples, latent_dim, generator=rng)

    def frame(self, generator: nn.Module) -> Tensor:
        mode = generator.training
        with torch.no_grad():
            images = generator(self.z)
        generator.train(mode)
        return images
