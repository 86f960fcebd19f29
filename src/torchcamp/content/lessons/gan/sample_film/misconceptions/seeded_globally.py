"""You seeded everybody's random numbers for every frame.

`torch.manual_seed` belongs to the whole program: each frame would set the training back to the
same numbers. A `torch.Generator` of your own disturbs nobody.

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
        torch.manual_seed(0)
        with torch.no_grad():
            images = generator(self.z)
        generator.train(mode)
        return images
