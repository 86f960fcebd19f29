"""You used one layer for both.

Mean and variance are different answers to the same features: each has weights of its own.

Caught by: check_apart.
"""

from torch import Tensor, nn


class EncoderHead(nn.Module):
    def __init__(self, num_features: int, latent_dim: int) -> None:
        super().__init__()
        self.to_mu = nn.Linear(num_features, latent_dim)
        self.to_logvar = nn.Linear(num_features, latent_dim)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return self.to_mu(features), self.to_mu(features)
