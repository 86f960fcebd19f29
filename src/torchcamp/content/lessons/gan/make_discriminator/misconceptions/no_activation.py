"""There is no activation between your layers.

Then D is one linear filter, and G needs only to match the mean picture.

Caught by: check_leaky. Catalogue: N16.
"""

from torch import Tensor, nn


class Discriminator(nn.Module):
    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(image_size**2, 64), nn.Linear(64, 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze(dim=1)
