"""Variational autoencoder: a latent code for each image, and a decoder that draws from codes.

A code z is drawn from the prior N(0, I), and each pixel from a Bernoulli whose logit the decoder
gives. The probability of an image, log p(x) = log of the integral over all z, is out of reach; the
encoder's q(z|x) = N(mu, std^2) gives a lower bound of it, the ELBO:

    log p(x)  >=  E_q[ log p(x|z) ]  -  KL( q(z|x) || p(z) )
                  -reconstruction        kl

    kl  =  -1/2 sum_j ( 1 + logvar_j - mu_j^2 - exp(logvar_j) ),     logvar = log std^2

Averaging k draws inside the logarithm tightens it, up to log p(x) itself:

    log p(x)  >=  E[ log 1/k sum_i  p(x|z_i) p(z_i) / q(z_i|x) ]

References: Kingma & Welling, "Auto-Encoding Variational Bayes", 2014 (arXiv:1312.6114), equation 3
for the bound, appendix B for the kl; Burda et al., "Importance Weighted Autoencoders", 2016
(arXiv:1509.00519), equation 8; Dauphin et al., 2017 (arXiv:1612.08083), section 2, for the gates.

Shapes: B = batch, IC, IH, IW = channels, height and width of an image, X = IC * IH * IW,
H = hidden_dim, Z = latent_dim, S = draws per image
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


@dataclass(frozen=True, kw_only=True)
class VAEConfig:
    image_shape: tuple[int, int, int] = (1, 28, 28)  # channels, height, width
    hidden_dim: int = 400
    num_hidden_layers: int = 2
    latent_dim: int = 40
    gated: bool = True  # gated linear units; else ReLU

    def __post_init__(self) -> None:
        if len(self.image_shape) != 3 or min(self.image_shape) < 1:
            raise ValueError("image_shape needs three positive numbers")
        if min(self.hidden_dim, self.num_hidden_layers, self.latent_dim) < 1:
            raise ValueError("hidden_dim, num_hidden_layers and latent_dim must be at least 1")
        if self.num_hidden_layers > 1000:
            raise ValueError("num_hidden_layers must be 1000 at most")


# --- The network -----------------------------------------------------------------------


class VAE(nn.Module):
    """Images (B, IC, IH, IW) in [0, 1] to logits (B, X) of each pixel, by way of a code (B, Z)."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.config = config
        num_pixels = math.prod(config.image_shape)
        self.encoder = hidden_layers(num_pixels, config)
        self.to_mu = nn.Linear(config.hidden_dim, config.latent_dim)
        self.to_logvar = nn.Linear(config.hidden_dim, config.latent_dim)
        self.decoder = hidden_layers(config.latent_dim, config)
        self.to_logits = nn.Linear(config.hidden_dim, num_pixels)

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        x = images.flatten(start_dim=1)  # (B, X)
        h = self.encoder(x)  # (B, H)
        mu = self.to_mu(h)  # (B, Z)
        logvar = self.to_logvar(h)  # (B, Z)
        return mu, logvar

    def decode(self, z: Tensor) -> Tensor:
        """Logits of the pixels; z may have any number of dimensions before its last."""
        return self.to_logits(self.decoder(z))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mu, logvar = self.encode(images)
        z = reparameterize(mu, logvar)  # (B, Z)
        logits = self.decode(z)  # (B, X)
        return logits, mu, logvar


class GatedLinear(nn.Module):
    """A linear layer whose outputs are opened and shut by a second one: (Wx + b) sigmoid(Vx + c)."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.both = nn.Linear(in_features, 2 * out_features)

    def forward(self, x: Tensor) -> Tensor:
        return F.glu(self.both(x))


def hidden_layers(in_features: int, config: VAEConfig) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(config.num_hidden_layers):
        if config.gated:
            layers += [GatedLinear(in_features, config.hidden_dim)]
        else:
            layers += [nn.Linear(in_features, config.hidden_dim), nn.ReLU()]
        in_features = config.hidden_dim
    return nn.Sequential(*layers)


def reparameterize(mu: Tensor, logvar: Tensor) -> Tensor:
    """A draw from N(mu, exp(logvar)) as a function of both, so that gradients reach them."""
    std = torch.exp(0.5 * logvar)
    epsilon = torch.randn_like(std)
    return mu + std * epsilon


# --- Its loss --------------------------------------------------------------------------


def vae_loss(vae: VAE, images: Tensor, *, kl_weight: float | Tensor = 1.0) -> dict[str, Tensor]:
    """The negative ELBO in nats per image and its two terms, each a mean over the batch.

    Sums over pixels and over latents: a mean over pixels would weigh the kl X times too much.
    The kl counts `kl_weight` times in `loss`; the terms themselves are reported whole.
    """
    logits, mu, logvar = vae(images)
    x = images.flatten(start_dim=1)  # (B, X)
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="none")  # (B, X)
    reconstruction = pixels.sum(dim=1).mean()  # ()
    kl = kl_divergence(mu, logvar).mean()  # ()
    return {
        "loss": reconstruction + kl_weight * kl,
        "elbo": -(reconstruction + kl),
        "reconstruction": reconstruction,
        "kl": kl,
    }


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL( N(mu, exp(logvar)) || N(0, I) ) in nats: (B,)"""
    return -0.5 * (1 + logvar - mu.square() - logvar.exp()).sum(dim=-1)


@torch.no_grad()
def importance_weighted_bound(vae: VAE, images: Tensor, num_draws: int) -> Tensor:
    """A lower bound of log p(x) in nats for each image (B,), from `num_draws` codes each.

    Tighter than the ELBO, and exact in the limit of many draws. Images are bits (0 or 1).
    """
    x = images.flatten(start_dim=1)  # (B, X)
    mu, logvar = vae.encode(images)
    epsilon = torch.randn(num_draws, *mu.shape, device=mu.device)  # (S, B, Z)
    z = mu + torch.exp(0.5 * logvar) * epsilon  # (S, B, Z)
    logits = vae.decode(z)  # (S, B, X)
    # log p(x|z), a sum over pixels of x * logit - log(1 + exp(logit))
    log_likelihood = (logits * x).sum(dim=-1) - F.softplus(logits).sum(dim=-1)  # (S, B)
    # log p(z) - log q(z|x): the constants of the two Gaussians cancel
    log_ratio = 0.5 * (epsilon.square() + logvar - z.square()).sum(dim=-1)  # (S, B)
    return torch.logsumexp(log_likelihood + log_ratio, dim=0) - math.log(num_draws)  # (B,)


# --- Its training step -----------------------------------------------------------------


def train_step(
    vae: VAE, optimizer: Optimizer, images: Tensor, *, kl_weight: float | Tensor = 1.0
) -> dict[str, Tensor]:
    """Forward, loss, backward, step on images (B, IC, IH, IW)."""
    losses = vae_loss(vae, images, kl_weight=kl_weight)
    optimizer.zero_grad()
    losses["loss"].backward()
    optimizer.step()
    return {name: value.detach() for name, value in losses.items()}


# --- Sampling from it ------------------------------------------------------------------


@torch.no_grad()
def sample(vae: VAE, num_samples: int, *, generator: torch.Generator | None = None) -> Tensor:
    """Codes from the prior, decoded: the probability of each pixel (num_samples, IC, IH, IW)."""
    z = torch.randn(num_samples, vae.config.latent_dim, generator=generator)  # (B, Z)
    return decode_images(vae, z)


@torch.no_grad()
def reconstruct(vae: VAE, images: Tensor) -> Tensor:
    """Each image encoded to the mean of its code and decoded again: probabilities of pixels."""
    mu, _ = vae.encode(images)
    return decode_images(vae, mu)


@torch.no_grad()
def interpolate(vae: VAE, start: Tensor, end: Tensor, num_steps: int) -> Tensor:
    """The straight line between the codes of two images (IC, IH, IW): (num_steps, IC, IH, IW)."""
    mu, _ = vae.encode(torch.stack([start, end]))
    share = torch.linspace(0, 1, num_steps, device=mu.device)[:, None]
    return decode_images(vae, (1 - share) * mu[0] + share * mu[1])


@torch.no_grad()
def traverse(vae: VAE, image: Tensor, latent: int, values: Sequence[float]) -> Tensor:
    """The code of an image (IC, IH, IW) with one of its latents set to each of `values`."""
    mu, _ = vae.encode(image[None])
    z = mu.repeat(len(values), 1)
    z[:, latent] = torch.tensor(values)
    return decode_images(vae, z)


def decode_images(vae: VAE, z: Tensor) -> Tensor:
    """Codes (B, Z) to probabilities of pixels (B, IC, IH, IW)."""
    device = next(vae.parameters()).device
    return vae.decode(z.to(device)).sigmoid().view(-1, *vae.config.image_shape)
