"""There is no nonlinearity between your layers.

The picture's logits are then noise times a matrix plus one vector per class: the same digit,
shifted. A published practice code of a conditional GAN has exactly this.

Caught by: check_nonlinear. Catalogue: Q11.
"""

import torch
from torch import Tensor, nn


class ConditionalGenerator(nn.Module):
    def __init__(self, latent_dim: int, num_classes: int, num_pixels: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_classes, 8)
        self.layers = nn.Sequential(
            nn.Linear(latent_dim + 8, 64), nn.Linear(64, num_pixels), nn.Sigmoid()
        )

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        return self.layers(torch.cat([z, self.embedding(labels)], dim=1))
