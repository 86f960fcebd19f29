import torch
from torch import Tensor, nn


class ConditionalGenerator(nn.Module):
    def __init__(self, latent_dim: int, num_classes: int, num_pixels: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.hidden = nn.Linear(latent_dim + num_classes, 64)
        self.pixels = nn.Linear(64, num_pixels)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        rows = nn.functional.one_hot(labels, self.num_classes).to(z.dtype)
        return self.pixels(self.hidden(torch.cat([z, rows], 1)).relu()).sigmoid()
