"""The reconstruction is summed over the batch, the KL is a mean.

With 64 pictures the pixels then count 64 times: the codes scatter, and samples are nothing. Sum
over the pixels of each picture, mean over the pictures.

Caught by: check_loss.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class VAE(nn.Module):
    def __init__(self, num_pixels: int, latent_dim: int) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = nn.Linear(num_pixels, 2 * latent_dim)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, 32), nn.ReLU(), nn.Linear(32, num_pixels)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mu, logvar = self.encoder(x).chunk(2, dim=1)
        z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
        return self.decoder(z), mu, logvar


def loss_of(vae: VAE, x: Tensor) -> Tensor:
    logits, mu, logvar = vae(x)
    reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kl = -0.5 * (1 + logvar - mu.square() - logvar.exp()).sum(dim=1).mean()
    return reconstruction + kl


@torch.no_grad()
def draw(vae: VAE, num_samples: int) -> Tensor:
    z = torch.randn(num_samples, vae.latent_dim)
    return torch.sigmoid(vae.decoder(z))
