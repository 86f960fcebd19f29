from torch import Tensor, nn


class Discriminator(nn.Module):
    """Pictures (B, 1, image_size, image_size) to logits (B,): positive means real."""

    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(image_size**2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1)
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze(dim=1)
