"""You computed logvar from mu.

Both are read from the features. From mu, the variance could only depend on where the code lies.

Caught by: check_apart.
"""

from torch import Tensor, nn


class EncoderHead(nn.Module):
    def __init__(self, num_features: int, latent_dim: int) -> None:
        super().__init__()
        self.to_mu = nn.Linear(num_features, latent_dim)
        self.to_logvar = nn.Linear(latent_dim, latent_dim)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return self.to_mu(features), self.to_logvar(self.to_mu(features))
