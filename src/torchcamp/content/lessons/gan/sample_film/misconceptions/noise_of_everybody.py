"""Your noise comes from everybody's generator, which you seeded for it.

`torch.manual_seed` belongs to the whole program: a run with a film then draws other batches than
one without. A `torch.Generator` of your own disturbs nobody.

Caught by: check_left_as_it_was.
"""

import torch
from torch import Tensor, nn


class Film:
    def __init__(self, num_samples: int, latent_dim: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.z = torch.randn(num_samples, latent_dim)

    def frame(self, generator: nn.Module) -> Tensor:
        mode = generator.training
        generator.eval()
        with torch.no_grad():
            images = generator(self.z)
        generator.train(mode)
        return images
