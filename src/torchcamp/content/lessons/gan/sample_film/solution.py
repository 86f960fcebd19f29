import torch
from torch import Tensor, nn


class Film:
    """Frames of one fixed noise (num_samples, latent_dim)."""

    def __init__(self, num_samples: int, latent_dim: int, seed: int) -> None:
        rng = torch.Generator().manual_seed(seed)
        self.z = torch.randn(num_samples, latent_dim, generator=rng)

    def frame(self, generator: nn.Module) -> Tensor:
        """What the generator makes of the noise now, without gradients."""
        mode = generator.training
        generator.eval()
        with torch.no_grad():
            images = generator(self.z)
        generator.train(mode)
        return images
