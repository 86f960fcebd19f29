"""Generative adversarial network: a forger and a detective learn against each other.

The discriminator D tells real images from generated ones; the generator G turns noise z ~ N(0, I)
into images that D takes for real:

    min_G max_D   E_x[ log D(x) ]  +  E_z[ log(1 - D(G(z))) ]

D returns logits, so with D(x) = sigmoid(logit) each logarithm is a softplus, which never overflows:
-log D(x) = softplus(-logit) and -log(1 - D(x)) = softplus(logit). Near the start D rejects every
forgery, and there log(1 - D(G(z))) is flat. So G minimises -log D(G(z)) instead: the
non-saturating loss has the same fixed point and strong gradients where they are needed.

What keeps the two in balance is a penalty on D's slope at real images (R1): (gamma / 2) E ||grad_x
D(x)||^2. On the data D should be flat, since there is nothing left to tell apart once G is right.

References: Goodfellow et al., "Generative Adversarial Networks", 2014 (arXiv:1406.2661), section 3
for both losses; Radford et al., 2016 (arXiv:1511.06434), section 3, for the convolutional pair;
Mescheder et al., "Which Training Methods for GANs do actually Converge?", 2018 (arXiv:1801.04406),
equation 9, for R1; Karras et al., "A Style-Based Generator Architecture for Generative Adversarial
Networks", 2019 (arXiv:1812.04948), section 2, for a layer before the pictures; Karras et al.,
"Progressive Growing of GANs", 2018 (arXiv:1710.10196), section 3, for D's look at a whole group.

Shapes: B = batch, IC, IH, IW = channels, height and width of an image, Z = latent_dim,
C = channels, P = images of the batch that the penalty looks at, M = mapping_dim,
F = features of an image
"""

import math
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


@dataclass(frozen=True, kw_only=True)
class GANConfig:
    image_shape: tuple[int, int, int] = (1, 28, 28)  # channels, height, width
    latent_dim: int = 64
    channels: int = 32  # of the last hidden pictures; deeper ones have twice as many
    mapping_dim: int = 0  # units of one more layer between noise and pictures; 0: no such layer
    compares: bool = False  # D also sees how much the images of a group differ
    fully_connected: bool = False  # the lecture's plain pair, which has no channels

    def __post_init__(self) -> None:
        if self.latent_dim < 1 or self.channels < 1:
            raise ValueError("latent_dim and channels must be at least 1")
        if self.mapping_dim < 0:
            raise ValueError("mapping_dim must be 0 or more")
        if self.fully_connected and (self.mapping_dim or self.compares):
            raise ValueError("the fully connected pair has neither mapping_dim nor compares")
        channels, height, width = self.image_shape
        if min(self.image_shape) < 1:
            raise ValueError("image_shape needs three positive numbers")
        if not self.fully_connected and (height % 4 or width % 4):
            raise ValueError(
                f"image_shape {channels}x{height}x{width}: height and width must be multiples of 4 "
                "for the GAN, whose generator doubles them twice"
            )


# --- The two networks ------------------------------------------------------------------


def make_generator(config: GANConfig) -> "Generator | PlainGenerator":
    if config.fully_connected:
        return PlainGenerator(config)
    return MappedGenerator(config) if config.mapping_dim else Generator(config)


def make_discriminator(config: GANConfig) -> "Discriminator | PlainDiscriminator":
    if config.fully_connected:
        return PlainDiscriminator(config)
    return ComparingDiscriminator(config) if config.compares else Discriminator(config)


class Generator(nn.Module):
    """Noise (B, Z) to images (B, IC, IH, IW) in [0, 1]: each layer doubles the picture's size."""

    def __init__(self, config: GANConfig) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        image_channels, height, width = config.image_shape
        size = 2 * c * (height // 4) * (width // 4)
        self.project = nn.Sequential(
            nn.Linear(config.latent_dim, size, bias=False), nn.BatchNorm1d(size)
        )
        self.up1 = nn.Sequential(
            nn.ConvTranspose2d(2 * c, c, kernel_size=4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(c),
        )
        self.up2 = nn.ConvTranspose2d(c, image_channels, kernel_size=4, stride=2, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        _, height, width = self.config.image_shape
        x = F.relu(self.project(z))
        x = x.view(len(z), -1, height // 4, width // 4)  # (B, 2 * C, IH // 4, IW // 4)
        x = F.relu(self.up1(x))  # (B, C, IH // 2, IW // 2)
        x = self.up2(x)  # (B, IC, IH, IW)
        return x.sigmoid()


class Discriminator(nn.Module):
    """Images (B, IC, IH, IW) in [0, 1] to one logit each (B,): positive means real."""

    def __init__(self, config: GANConfig) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        image_channels, height, width = config.image_shape
        self.down1 = nn.Conv2d(image_channels, c, kernel_size=4, stride=2, padding=1)
        self.down2 = nn.Conv2d(c, 2 * c, kernel_size=4, stride=2, padding=1)
        self.hidden = nn.Linear(2 * c * (height // 4) * (width // 4), 256)
        self.output = nn.Linear(256, 1)

    def forward(self, images: Tensor) -> Tensor:
        x = F.leaky_relu(self.down1(images), 0.2)  # (B, C, IH // 2, IW // 2)
        x = F.leaky_relu(self.down2(x), 0.2)  # (B, 2 * C, IH // 4, IW // 4)
        x = F.leaky_relu(self.hidden(x.flatten(start_dim=1)), 0.2)  # (B, 256)
        return self.output(x).squeeze(dim=1)


# --- A stronger pair -------------------------------------------------------------------


class MappedGenerator(Generator):
    """A `Generator` whose noise passes through one more layer before pictures are made of it.

    The noise is one cloud, and digits come in ten kinds with little between them. Without this layer a
    single matrix would have to pull the cloud apart, and many samples would fall between two digits.
    """

    def __init__(self, config: GANConfig) -> None:
        dim = config.mapping_dim
        super().__init__(replace(config, latent_dim=dim))
        self.config = config
        self.mapping = nn.Sequential(
            nn.Linear(config.latent_dim, dim, bias=False), nn.BatchNorm1d(dim), nn.ReLU()
        )

    def forward(self, z: Tensor) -> Tensor:
        x = self.mapping(z)  # (B, M)
        return super().forward(x)


class ComparingDiscriminator(Discriminator):
    """A `Discriminator` that also sees how much the images of a group differ from each other.

    A single image cannot show that G draws the same few pictures over and over. A group of them can.
    R1 then also counts how an image moves the logits of its group.
    """

    def __init__(self, config: GANConfig) -> None:
        super().__init__(config)
        self.output = nn.Sequential(WithSpread(), nn.Linear(256 + 1, 1))


class WithSpread(nn.Module):
    """Features (B, F) to (B, F + 1); the added one says how much an image's group of four differs.

    It is the standard deviation of each feature within the group, averaged over the features, so all four images
    get the same number. A batch whose size is not a multiple of four is one group.
    """

    def forward(self, features: Tensor) -> Tensor:
        size = 4 if len(features) % 4 == 0 else len(features)
        groups = features.unflatten(0, (-1, size))  # (B // 4, 4, F)
        variances = groups.var(dim=1, unbiased=False)  # (B // 4, F)
        # The square root of 0 has no slope, so a little is added.
        spread = (variances + 1e-8).sqrt().mean(dim=1)  # (B // 4,)
        column = spread.repeat_interleave(size)[:, None]  # (B, 1)
        return torch.cat([features, column], dim=1)


# --- The lecture's pair: fully connected, no pictures inside -----------------------------


class PlainGenerator(nn.Module):
    """Noise (B, Z) to images (B, IC, IH, IW) in [0, 1] through two hidden layers."""

    def __init__(self, config: GANConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.Sequential(
            nn.Linear(config.latent_dim, 256), nn.ReLU(),
            nn.Linear(256, 512), nn.ReLU(),
            nn.Linear(512, math.prod(config.image_shape)), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, z: Tensor) -> Tensor:
        x = self.layers(z)  # (B, IC * IH * IW)
        return x.view(len(z), *self.config.image_shape)


class PlainDiscriminator(nn.Module):
    """Images (B, IC, IH, IW) in [0, 1] to one logit each (B,)."""

    def __init__(self, config: GANConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.Sequential(
            nn.Linear(math.prod(config.image_shape), 512), nn.LeakyReLU(0.2),
            nn.Linear(512, 256), nn.LeakyReLU(0.2),
            nn.Linear(256, 1),
        )  # fmt: skip

    def forward(self, images: Tensor) -> Tensor:
        logits = self.layers(images.flatten(start_dim=1))  # (B, 1)
        return logits.squeeze(dim=1)


# --- Their losses ----------------------------------------------------------------------


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-log D(x) - log(1 - D(G(z))) in nats, mean over the batch; 2 log 2 = 1.386 when D guesses."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor) -> Tensor:
    """-log D(G(z)) in nats, mean over the batch; log 2 = 0.693 when D guesses."""
    return F.softplus(-fake_logits).mean()


def gradient_penalty(discriminator: nn.Module, real_images: Tensor) -> Tensor:
    """R1: the squared slope of D at real images, mean over them."""
    real_images = real_images.detach().requires_grad_()  # (P, IC, IH, IW)
    logits = discriminator(real_images)  # (P,)
    (slope,) = torch.autograd.grad(logits.sum(), real_images, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3)).mean()


# --- Their training step ---------------------------------------------------------------


def train_step(
    generator: Generator | PlainGenerator,
    discriminator: Discriminator | PlainDiscriminator,
    g_optimizer: Optimizer,
    d_optimizer: Optimizer,
    real_images: Tensor,
    *,
    penalty_weight: float = 1.0,
    num_penalty_images: int = 8,
) -> dict[str, Tensor]:
    """One step of D, then one of G, on real images (B, IC, IH, IW) in [0, 1].

    Both steps use the same fake images. The penalty looks at the batch's first images only: it is
    a mean, and its second derivatives are the step's most expensive part.
    """
    z = torch.randn(len(real_images), generator.config.latent_dim, device=real_images.device)
    fake_images = generator(z)  # (B, IC, IH, IW)

    # D learns to tell them apart; detached, because this step may not move G.
    real_logits = discriminator(real_images)  # (B,)
    fake_logits = discriminator(fake_images.detach())  # (B,)
    d_loss = discriminator_loss(real_logits, fake_logits)  # ()
    penalty = gradient_penalty(discriminator, real_images[:num_penalty_images])  # ()
    d_optimizer.zero_grad()
    (d_loss + penalty_weight / 2 * penalty).backward()
    d_optimizer.step()

    # G learns to be taken for real by the D of now; only its own gradients are computed.
    g_loss = generator_loss(discriminator(fake_images))  # ()
    g_optimizer.zero_grad()
    g_loss.backward(inputs=list(generator.parameters()))
    g_optimizer.step()
    return {"d_loss": d_loss.detach(), "g_loss": g_loss.detach(), "penalty": penalty.detach()}


# --- Sampling from it ------------------------------------------------------------------


@torch.no_grad()
def sample(
    generator: Generator | PlainGenerator, num_samples: int, *, rng: torch.Generator | None = None
) -> Tensor:
    """Images (num_samples, IC, IH, IW) in [0, 1]; the generator in eval mode, please."""
    device = next(generator.parameters()).device
    z = torch.randn(num_samples, generator.config.latent_dim, generator=rng).to(device)  # (B, Z)
    images = generator(z)  # (B, IC, IH, IW)
    return images
