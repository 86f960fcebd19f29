"""Your embedding has one row too few.

Labels 0 to 9 are ten: `nn.Embedding(num_classes, ...)`. With nine rows the first nine raises
"index out of range".

Caught by: check_every_label. Catalogue: Q7.
"""

import torch
from torch import Tensor, nn


class ConditionalGenerator(nn.Module):
    def __init__(self, latent_dim: int, num_classes: int, num_pixels: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_classes - 1, 8)
        self.layers = nn.Sequential(
            nn.Linear(latent_dim + 8, 64), nn.ReLU(), nn.Linear(64, num_pixels), nn.Sigmoid()
        )

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        return self.layers(torch.cat([z, self.embedding(labels)], dim=1))
