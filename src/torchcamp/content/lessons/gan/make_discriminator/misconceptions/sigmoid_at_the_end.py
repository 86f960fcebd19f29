"""You end with a sigmoid.

The losses take logits: with a sigmoid here it is applied twice, or its logarithm breaks. Let D
say any number.

Caught by: check_logits. Catalogue: D10.
"""

from torch import Tensor, nn


class Discriminator(nn.Module):
    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(image_size**2, 64),
            nn.LeakyReLU(0.2),
            nn.Linear(64, 1),
            nn.Sigmoid(),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze(dim=1)
