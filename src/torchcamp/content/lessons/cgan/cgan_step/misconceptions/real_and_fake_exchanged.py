"""D learns to call the fakes real.

`discriminator_loss` takes the logits of the real pictures first. Exchanged, D believes whatever G
draws, and G need not learn a thing.

Caught by: check_steps.
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
    d_loss = discriminator_loss(discriminator(fake.detach(), labels), discriminator(images, labels))
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()

    g_loss = generator_loss(discriminator(fake, labels))
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
    return d_loss.item(), g_loss.item()
