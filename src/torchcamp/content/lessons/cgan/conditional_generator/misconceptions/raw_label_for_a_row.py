"""You passed the labels where rows are expected.

`torch.cat` wants (B, something) beside (B, latent_dim). The embedding makes rows of labels.

Caught by: check_every_label. Catalogue: Q5.
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
        return self.layers(torch.cat([z, labels], dim=1))
