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
    d_optimizer.zero_grad()
    with torch.no_grad():
        drawn = generator(z, labels)
    on_fakes = discriminator(drawn, labels)
    d_loss = discriminator_loss(discriminator(images, labels), on_fakes)
    d_loss.backward()
    d_optimizer.step()
    g_optimizer.zero_grad()
    g_loss = generator_loss(discriminator(generator(z, labels), labels))
    g_loss.backward(inputs=list(generator.parameters()))
    g_optimizer.step()
    return d_loss.item(), g_loss.item()
