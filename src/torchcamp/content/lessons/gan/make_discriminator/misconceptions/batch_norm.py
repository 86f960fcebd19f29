"""A picture's logit depends on its batch.

Batch norm in D looks at all pictures of a batch together. Real and fake ones in one batch: each
side's mean betrays it. In two batches: each is brought to mean 0, and what told them apart is
gone. If you use it, know which; here each picture is judged by itself.

Caught by: check_alone. Catalogue: D15.
"""

from torch import Tensor, nn


class Discriminator(nn.Module):
    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(image_size**2, 64),
            nn.BatchNorm1d(64),
            nn.LeakyReLU(0.2),
            nn.Linear(64, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze(dim=1)
