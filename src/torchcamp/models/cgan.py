"""Conditional GAN: the generator draws the class that it is asked for.

Both players see the class y. The generator G(z, y) gets it beside its noise; the discriminator
D(x, y) asks whether x is a real image *of that class*, so a good forgery of the wrong digit is
caught as well:

    min_G max_D   E_(x,y)[ log D(x, y) ]  +  E_(z,y)[ log(1 - D(G(z, y), y)) ]

The discriminator's logit is a projection of the image's features phi(x) onto a vector that is
learned for each class,

    logit(x, y)  =  w_y . phi(x)  +  b_y

Losses and penalty are those of the unconditional GAN: logits, softplus, the non-saturating loss
for G, and R1 on real images.

References: Mirza & Osindero, "Conditional Generative Adversarial Nets", 2014 (arXiv:1411.1784),
equation 2; Miyato & Koyama, "cGANs with Projection Discriminator", 2018 (arXiv:1802.05637),
section 3; Mescheder et al., 2018 (arXiv:1801.04406), equation 9, for R1.

Shapes: B = batch, IC, IH, IW = channels, height and width of an image, Z = latent_dim,
K = classes, C = channels, P = images that the penalty looks at
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


@dataclass(frozen=True, kw_only=True)
class CGANConfig:
    image_shape: tuple[int, int, int] = (1, 28, 28)  # channels, height, width
    latent_dim: int = 64
    channels: int = 32  # of the last hidden pictures; deeper ones have twice as many
    num_classes: int = 10
    fully_connected: bool = False  # the lecture's plain pair, which has no channels

    def __post_init__(self) -> None:
        if min(self.latent_dim, self.channels, self.num_classes) < 1:
            raise ValueError("latent_dim, channels and num_classes must be at least 1")
        channels, height, width = self.image_shape
        if min(self.image_shape) < 1:
            raise ValueError("image_shape needs three positive numbers")
        if not self.fully_connected and (height % 4 or width % 4):
            raise ValueError(
                f"image_shape {channels}x{height}x{width}: height and width must be multiples of 4 "
                "for the conditional GAN, whose generator doubles them twice"
            )


# --- The two networks ------------------------------------------------------------------


def make_generator(config: CGANConfig) -> "Generator | PlainGenerator":
    return PlainGenerator(config) if config.fully_connected else Generator(config)


def make_discriminator(config: CGANConfig) -> "Discriminator | PlainDiscriminator":
    return PlainDiscriminator(config) if config.fully_connected else Discriminator(config)


class Generator(nn.Module):
    """Noise (B, Z) and class labels (B,) to images (B, IC, IH, IW) in [0, 1]."""

    def __init__(self, config: CGANConfig) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        image_channels, height, width = config.image_shape
        size = 2 * c * (height // 4) * (width // 4)
        self.project = nn.Sequential(
            nn.Linear(config.latent_dim + config.num_classes, size, bias=False),
            nn.BatchNorm1d(size),
        )
        self.up1 = nn.Sequential(
            nn.ConvTranspose2d(2 * c, c, kernel_size=4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(c),
        )
        self.up2 = nn.ConvTranspose2d(c, image_channels, kernel_size=4, stride=2, padding=1)

    def forward(self, z: Tensor, class_labels: Tensor) -> Tensor:
        _, height, width = self.config.image_shape
        x = with_classes(z, class_labels, self.config)  # (B, Z + K)
        x = F.relu(self.project(x))
        x = x.view(len(z), -1, height // 4, width // 4)  # (B, 2 * C, IH // 4, IW // 4)
        x = F.relu(self.up1(x))  # (B, C, IH // 2, IW // 2)
        x = self.up2(x)  # (B, IC, IH, IW)
        return x.sigmoid()


def with_classes(x: Tensor, class_labels: Tensor, config: CGANConfig) -> Tensor:
    """The class of each row beside it, one-hot: as one number, a 9 would be nine times a 1."""
    classes = F.one_hot(class_labels, config.num_classes)  # (B, K)
    return torch.cat([x, classes.to(x.dtype)], dim=1)


class Discriminator(nn.Module):
    """Images (B, IC, IH, IW) and their class labels (B,) to one logit each (B,)."""

    def __init__(self, config: CGANConfig) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        image_channels, height, width = config.image_shape
        self.down1 = nn.Conv2d(image_channels, c, kernel_size=4, stride=2, padding=1)
        self.down2 = nn.Conv2d(c, 2 * c, kernel_size=4, stride=2, padding=1)
        self.hidden = nn.Linear(2 * c * (height // 4) * (width // 4), 256)
        self.output = nn.Linear(256, config.num_classes)

    def forward(self, images: Tensor, class_labels: Tensor) -> Tensor:
        x = F.leaky_relu(self.down1(images), 0.2)  # (B, C, IH // 2, IW // 2)
        x = F.leaky_relu(self.down2(x), 0.2)  # (B, 2 * C, IH // 4, IW // 4)
        x = F.leaky_relu(self.hidden(x.flatten(start_dim=1)), 0.2)  # (B, 256)
        logits = self.output(x)  # (B, K)
        return logits.gather(1, class_labels[:, None]).squeeze(dim=1)


# --- The lecture's pair: fully connected, the class beside the input of both -------------


class PlainGenerator(nn.Module):
    """Noise (B, Z) and class labels (B,) to images (B, IC, IH, IW) in [0, 1]."""

    def __init__(self, config: CGANConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.Sequential(
            nn.Linear(config.latent_dim + config.num_classes, 256), nn.ReLU(),
            nn.Linear(256, 512), nn.ReLU(),
            nn.Linear(512, math.prod(config.image_shape)), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, z: Tensor, class_labels: Tensor) -> Tensor:
        x = self.layers(with_classes(z, class_labels, self.config))  # (B, IC * IH * IW)
        return x.view(len(z), *self.config.image_shape)


class PlainDiscriminator(nn.Module):
    """Images (B, IC, IH, IW) in [0, 1] and their class labels (B,) to one logit each (B,)."""

    def __init__(self, config: CGANConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.Sequential(
            nn.Linear(math.prod(config.image_shape) + config.num_classes, 512), nn.LeakyReLU(0.2),
            nn.Linear(512, 256), nn.LeakyReLU(0.2),
            nn.Linear(256, 1),
        )  # fmt: skip

    def forward(self, images: Tensor, class_labels: Tensor) -> Tensor:
        x = with_classes(images.flatten(start_dim=1), class_labels, self.config)
        logits = self.layers(x)  # (B, 1)
        return logits.squeeze(dim=1)


# --- Their losses ----------------------------------------------------------------------


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-log D(x, y) - log(1 - D(G(z, y), y)) in nats, mean over the batch; 1.386 when D guesses."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor) -> Tensor:
    """-log D(G(z, y), y) in nats, mean over the batch; 0.693 when D guesses."""
    return F.softplus(-fake_logits).mean()


def gradient_penalty(discriminator: nn.Module, real_images: Tensor, class_labels: Tensor) -> Tensor:
    """R1: the squared slope of D at real images, mean over them."""
    real_images = real_images.detach().requires_grad_()  # (P, IC, IH, IW)
    logits = discriminator(real_images, class_labels)  # (P,)
    (slope,) = torch.autograd.grad(logits.sum(), real_images, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3)).mean()


# --- Their training step ---------------------------------------------------------------


def train_step(
    generator: Generator | PlainGenerator,
    discriminator: Discriminator | PlainDiscriminator,
    g_optimizer: Optimizer,
    d_optimizer: Optimizer,
    batch: tuple[Tensor, Tensor],
    *,
    penalty_weight: float = 1.0,
    num_penalty_images: int = 8,
) -> dict[str, Tensor]:
    """One step of D, then one of G, on real images (B, IC, IH, IW) in [0, 1] and their labels (B,).

    The fake images are asked for with the batch's own labels, so both halves of D's loss see the
    same classes, and D is told with each fake the class that G was asked for.
    """
    real_images, class_labels = batch
    z = torch.randn(len(real_images), generator.config.latent_dim, device=real_images.device)
    fake_images = generator(z, class_labels)  # (B, IC, IH, IW)

    # D learns to tell them apart; detached, because this step may not move G.
    real_logits = discriminator(real_images, class_labels)  # (B,)
    fake_logits = discriminator(fake_images.detach(), class_labels)  # (B,)
    d_loss = discriminator_loss(real_logits, fake_logits)  # ()
    looked_at = slice(num_penalty_images)
    penalty = gradient_penalty(discriminator, real_images[looked_at], class_labels[looked_at])
    d_optimizer.zero_grad()
    (d_loss + penalty_weight / 2 * penalty).backward()
    d_optimizer.step()

    # G learns to be taken for real by the D of now; only its own gradients are computed.
    g_loss = generator_loss(discriminator(fake_images, class_labels))  # ()
    g_optimizer.zero_grad()
    g_loss.backward(inputs=list(generator.parameters()))
    g_optimizer.step()
    return {"d_loss": d_loss.detach(), "g_loss": g_loss.detach(), "penalty": penalty.detach()}


# --- Sampling from it ------------------------------------------------------------------


@torch.no_grad()
def sample(
    generator: Generator | PlainGenerator,
    class_labels: Tensor,
    *,
    rng: torch.Generator | None = None,
) -> Tensor:
    """One image in [0, 1] for each label (B,): (B, IC, IH, IW); the generator in eval mode, please."""
    device = next(generator.parameters()).device
    z = torch.randn(len(class_labels), generator.config.latent_dim, generator=rng)  # (B, Z)
    images = generator(z.to(device), class_labels.to(device))  # (B, IC, IH, IW)
    return images


@torch.no_grad()
def class_grid(
    generator: Generator | PlainGenerator, num_columns: int, *, rng: torch.Generator | None = None
) -> Tensor:
    """Every class in its row, each column one noise vector: (K * num_columns, IC, IH, IW)."""
    device = next(generator.parameters()).device
    num_classes = generator.config.num_classes
    z = torch.randn(num_columns, generator.config.latent_dim, generator=rng)
    rows = z.repeat(num_classes, 1)  # the same noise down each column
    class_labels = torch.arange(num_classes).repeat_interleave(num_columns)
    return generator(rows.to(device), class_labels.to(device))
