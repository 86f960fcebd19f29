"""Your pictures are flat.

D and everything else expects (B, 1, size, size): `view` at the end.

Caught by: check_shape.
"""

from torch import Tensor, nn


class Generator(nn.Module):
    def __init__(self, latent_dim: int, image_size: int) -> None:
        super().__init__()
        self.image_size = image_size
        self.layers = nn.Sequential(
            nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, image_size**2), nn.Sigmoid()
        )
        self.apply(init_weights)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z)


def init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
