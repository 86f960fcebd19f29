"""Your frame holds the generator's graph.

A film of a thousand frames would keep them all. `torch.no_grad()`.

Caught by: check_left_as_it_was.
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
        images = generator(self.z)
        generator.train(mode)
        return images
