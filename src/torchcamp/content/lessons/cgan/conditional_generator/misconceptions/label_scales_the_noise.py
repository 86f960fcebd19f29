"""You multiplied the noise by the label.

Then class 0 is always the same picture, and class 9 is class 1 with louder noise.

Caught by: check_no_order. Catalogue: Q4.
"""

import torch
from torch import Tensor, nn


class ConditionalGenerator(nn.Module):
    def __init__(self, latent_dim: int, num_classes: int, num_pixels: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_classes, 8)
        self.layers = nn.Sequential(
            nn.Linear(latent_dim + 8, 64), nn.ReLU(), nn.Linear(64, num_pixels), nn.Sigmoid()
        )

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        return self.layers(torch.cat([z * labels[:, None], self.embedding(labels * 0)], dim=1))
