from torch import Tensor, nn


class EncoderHead(nn.Module):
    """Features (B, num_features) to mu and logvar, each (B, latent_dim)."""

    def __init__(self, num_features: int, latent_dim: int) -> None:
        super().__init__()
        self.to_mu = nn.Linear(num_features, latent_dim)
        self.to_logvar = nn.Linear(num_features, latent_dim)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return self.to_mu(features), self.to_logvar(features)
