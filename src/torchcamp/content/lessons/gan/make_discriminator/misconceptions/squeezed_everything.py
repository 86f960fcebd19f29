"""For one picture your logit has no axis.

`squeeze()` removes every axis of size 1, the batch's too when it is one picture. Name it:
`squeeze(dim=1)`.

Caught by: check_shape.
"""

from torch import Tensor, nn


class Discriminator(nn.Module):
    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(image_size**2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1)
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze()
