"""G stepped twice.

D then falls behind, and G runs into the one spot that D does not know yet: it looks like
collapse. One step each.

Caught by: check_generator. Catalogue: D21.
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
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()

    g_loss = generator_loss(discriminator(fake))
    for _ in range(2):
        again = generator_loss(discriminator(generator(z)))
        g_optimizer.zero_grad()
        again.backward()
        g_optimizer.step()
    return d_loss.item(), g_loss.item()
