"""D does not see the labels.

You tell it the same class for everything. Then any good digit passes, whatever was asked for: G
has no reason to listen.

Caught by: check_told_about_real. Catalogue: Q1.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor) -> Tensor:
    return F.softplus(-fake_logits).mean()


def cgan_step(
    generator: nn.Module,
    discriminator: nn.Module,
    g_optimizer: Optimizer,
    d_optimizer: Optimizer,
    images: Tensor,
    labels: Tensor,
    z: Tensor,
) -> tuple[float, float]:
    fake = generator(z, labels)
    d_loss = discriminator_loss(
        discriminator(images, 0 * labels),
        discriminator(fake.detach(), 0 * labels + fake.detach()[:, 0].long()),
    )
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()

    g_loss = generator_loss(discriminator(fake, labels))
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
    return d_loss.item(), g_loss.item()
