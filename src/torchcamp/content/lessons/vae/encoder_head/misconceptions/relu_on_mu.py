"""You put a ReLU behind mu.

Then codes lie in one corner of the space, and the prior's other corners are never decoded in
training. The last layer has no activation.

Caught by: check_mu_is_free.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class EncoderHead(nn.Module):
    def __init__(self, num_features: int, latent_dim: int) -> None:
        super().__init__()
        self.to_mu = nn.Linear(num_features, latent_dim)
        self.to_logvar = nn.Linear(num_features, latent_dim)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return F.relu(self.to_mu(features)), self.to_logvar(features)
