"""G is asked for one class, always.

It learns that digit and no other. Ask for the batch's own labels, so that all classes come up as
often as in the data.

Caught by: check_asked. Catalogue: Q3.
"""

import torch
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
    labels_asked = torch.zeros_like(labels)
    fake = generator(z, labels_asked)
    d_loss = discriminator_loss(
        discriminator(images, labels), discriminator(fake.detach(), labels_asked)
    )
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()

    g_loss = generator_loss(discriminator(fake, labels_asked))
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
    return d_loss.item(), g_loss.item()
