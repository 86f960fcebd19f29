"""You added the two losses and went back once.

They pull in opposite directions on D: what is left of the gradient belongs to neither. Two
losses, two backwards.

Caught by: check_losses.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor) -> Tensor:
    return F.softplus(-fake_logits).mean()


def gan_step(
    generator: nn.Module,
    discriminator: nn.Module,
    g_optimizer: Optimizer,
    d_optimizer: Optimizer,
    real: Tensor,
    z: Tensor,
) -> tuple[float, float]:
    fake = generator(z)

    d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
    g_loss = generator_loss(discriminator(fake))
    g_optimizer.zero_grad()
    d_optimizer.zero_grad()
    (d_loss + g_loss).backward()
    g_optimizer.step()
    d_optimizer.step()
    return d_loss.item(), g_loss.item()
