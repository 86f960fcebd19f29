"""Your pixels are cut to [0, 1] instead of squeezed into it.

`clamp` has the gradient 0 wherever it cuts: half of the pixels begin below 0 and cannot learn. A
sigmoid passes a gradient everywhere.

Caught by: check_grey.
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
        return self.layers(z).clamp(0, 1).view(len(z), 1, self.image_size, self.image_size)


def init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
