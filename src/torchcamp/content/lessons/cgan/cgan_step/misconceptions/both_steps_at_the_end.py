"""G is judged by the D of before.

Both optimizers step at the end, so D's gradients hold what G's backward left in them, and G looks
at a D that has not moved yet. D's step first, whole; then G's.

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
    d_loss = discriminator_loss(discriminator(images, labels), discriminator(fake.detach(), labels))
    d_optimizer.zero_grad()
    d_loss.backward()

    g_loss = generator_loss(discriminator(fake, labels))
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
    d_optimizer.step()
    return d_loss.item(), g_loss.item()
