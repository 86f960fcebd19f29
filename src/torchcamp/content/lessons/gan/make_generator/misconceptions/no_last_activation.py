"""Your pixels may be any number.

The data lies in [0, 1], and D would tell fakes by their range. End with a sigmoid.

Caught by: check_range. Catalogue: D9.
"""

from torch import Tensor, nn


class Generator(nn.Module):
    def __init__(self, latent_dim: int, image_size: int) -> None:
        super().__init__()
        self.image_size = image_size
        self.layers = nn.Sequential(
            nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, image_size**2)
        )
        self.apply(init_weights)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z).view(len(z), 1, self.image_size, self.image_size)


def init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
