"""Your logits are (B, 1).

Against targets of shape (B,) PyTorch broadcasts to (B, B), all pairs, without a word.
`squeeze(dim=1)`.

Caught by: check_shape. Catalogue: D19, T3.
"""

from torch import Tensor, nn


class Discriminator(nn.Module):
    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(image_size**2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1)
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)
