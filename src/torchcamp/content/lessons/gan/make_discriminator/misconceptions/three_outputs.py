"""Your D gives three numbers a picture.

Nothing raises: (B, 3) against a target of (B, 3) is a loss too. One question, real or not, has
one logit: `nn.Linear(64, 1)`.

Caught by: check_shape. Catalogue: D19.
"""

from torch import Tensor, nn


class Discriminator(nn.Module):
    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(image_size**2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 3)
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze(dim=1)
