"""Below zero your hidden units pass nothing on.

ReLU's gradient is 0 there, and D's gradient is all that G has to learn from. LeakyReLU(0.2) keeps
a fifth of it.

Caught by: check_leaky.
"""

from torch import Tensor, nn


class Discriminator(nn.Module):
    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(image_size**2, 64), nn.ReLU(), nn.Linear(64, 1)
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze(dim=1)
