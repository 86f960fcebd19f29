"""Your picture's size is written into the layers.

`image_size` is a parameter: 28 × 28 pixels in the last layer fit one size only. Every number
that follows from it must be computed from it.

Caught by: check_shape. Catalogue: D20.
"""

from torch import Tensor, nn


class Generator(nn.Module):
    def __init__(self, latent_dim: int, image_size: int) -> None:
        super().__init__()
        self.image_size = image_size
        self.layers = nn.Sequential(
            nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, 28 * 28), nn.Sigmoid()
        )
        self.apply(init_weights)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z).view(len(z), 1, self.image_size, self.image_size)


def init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
