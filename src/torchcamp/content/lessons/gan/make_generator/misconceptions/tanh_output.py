"""Your pictures end in tanh, so they lie in [-1, 1].

The data lies in [0, 1]. D then needs only to look for a negative pixel, and wins by the range
alone. The last activation must fit the data: here a sigmoid. (With data in [-1, 1] it would be
tanh.)

Caught by: check_range. Catalogue: D9.
"""

from torch import Tensor, nn


class Generator(nn.Module):
    def __init__(self, latent_dim: int, image_size: int) -> None:
        super().__init__()
        self.image_size = image_size
        self.layers = nn.Sequential(
            nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, image_size**2), nn.Tanh()
        )
        self.apply(init_weights)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z).view(len(z), 1, self.image_size, self.image_size)


def init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
