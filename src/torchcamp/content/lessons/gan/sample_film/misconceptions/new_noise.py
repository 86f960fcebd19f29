"""Each of your frames has new noise.

Then place 3 shows a seven now and a one later, and one cannot tell whether G learnt or the noise
changed. Draw once, keep it.

Caught by: check_same_noise. Catalogue: D16.
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
            images = generator(torch.randn(self.z.shape))
        generator.train(mode)
        return images
