import torch.nn.functional as F
from torch import Tensor, nn


class Discriminator(nn.Module):
    """A filter as large as the picture sees all of it at once: it is a linear layer."""

    def __init__(self, image_size: int):
        super().__init__()
        self.hidden = nn.Conv2d(1, 64, image_size)
        self.output = nn.Conv2d(64, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        return self.output(F.leaky_relu(self.hidden(images), 0.2)).flatten()
