"""Your label changes nothing.

The noise alone decides, so nobody can ask for a digit.

Caught by: check_label_matters.
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
        return self.layers(torch.cat([z, self.embedding(labels * 0)], dim=1))
