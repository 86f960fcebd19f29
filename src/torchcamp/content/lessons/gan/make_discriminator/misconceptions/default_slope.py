"""The slope below zero is PyTorch's default, 0.01.

`nn.LeakyReLU()` leaks a hundredth. Say it: `nn.LeakyReLU(0.2)`.

Caught by: check_leaky.
"""

from torch import Tensor, nn


class Discriminator(nn.Module):
    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(image_size**2, 64), nn.LeakyReLU(), nn.Linear(64, 1)
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze(dim=1)
