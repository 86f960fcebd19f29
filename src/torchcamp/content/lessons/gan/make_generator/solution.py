from torch import Tensor, nn


class Generator(nn.Module):
    """Noise (B, latent_dim) to pictures (B, 1, image_size, image_size) in [0, 1]."""

    def __init__(self, latent_dim: int, image_size: int) -> None:
        super().__init__()
        self.image_size = image_size
        self.layers = nn.Sequential(
            nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, image_size**2), nn.Sigmoid()
        )
        self.apply(init_weights)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z).view(len(z), 1, self.image_size, self.image_size)


def init_weights(module: nn.Module) -> None:
    """Small weights for one module."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
