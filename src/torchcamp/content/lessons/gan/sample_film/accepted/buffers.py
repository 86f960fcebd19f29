import torch
from torch import Tensor, nn


class Film:
    def __init__(self, num_samples: int, latent_dim: int, seed: int) -> None:
        self.size, self.seed = (num_samples, latent_dim), seed

    @torch.no_grad()
    def frame(self, generator: nn.Module) -> Tensor:
        z = torch.randn(self.size, generator=torch.Generator().manual_seed(self.seed))
        was = generator.training
        images = generator.train(False)(z)
        generator.train(was)
        return images
