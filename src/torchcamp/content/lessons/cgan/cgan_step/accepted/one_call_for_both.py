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
    """D sees real pictures and fakes in one batch."""
    fakes = generator(z, labels)
    both = torch.cat([images, fakes.detach()])
    logits = discriminator(both, torch.cat([labels, labels]))
    real_logits, fake_logits = logits.split(len(images))
    d_loss = discriminator_loss(real_logits, fake_logits)
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()

    g_optimizer.zero_grad()
    g_loss = generator_loss(discriminator(fakes, labels))
    g_loss.backward()
    g_optimizer.step()
    return d_loss.item(), g_loss.item()
