from torch import Tensor, nn


class EncoderHead(nn.Module):
    def __init__(self, num_features: int, latent_dim: int) -> None:
        super().__init__()
        self.both = nn.Linear(num_features, 2 * latent_dim)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        mu, logvar = self.both(features).chunk(2, dim=-1)
        return mu, logvar
