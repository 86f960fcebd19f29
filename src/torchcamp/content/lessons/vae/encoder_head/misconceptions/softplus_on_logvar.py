"""You made logvar positive.

softplus is right for something that is **used** as a variance. As a logarithm of one, being
above 0 means a variance above 1: no picture could be told more precisely than the prior.

Caught by: check_logvar_is_free. Catalogue: K22.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class EncoderHead(nn.Module):
    def __init__(self, num_features: int, latent_dim: int) -> None:
        super().__init__()
        self.to_mu = nn.Linear(num_features, latent_dim)
        self.to_logvar = nn.Linear(num_features, latent_dim)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return self.to_mu(features), F.softplus(self.to_logvar(features))
