"""A generator and a discriminator, fully connected."""

import torch
import torch.nn.functional as F
from torch import nn

LATENT_DIM = 16


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(LATENT_DIM, 64)
        self.pixels = nn.Linear(64, 784)

    def forward(self, z):
        x = F.dropout(F.relu(self.hidden(z)), p=0.5)
        return torch.sigmoid(self.pixels(x))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))

    def forward(self, images):
        return self.layers(images).squeeze(dim=1)


def step(generator, discriminator, g_optimizer, d_optimizer, real):
    fake = generator(torch.rand(len(real), LATENT_DIM))
    d_loss = (
        F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake.detach())).mean()
    )
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()
    g_loss = F.softplus(-discriminator(fake)).mean()
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()


def draw(generator, number):
    generator.eval()
    with torch.no_grad():
        return generator(torch.randn(number, LATENT_DIM))


if __name__ == "__main__":
    g, d = Generator(), Discriminator()
    optimizers = [torch.optim.Adam(n.parameters(), lr=2e-4) for n in (g, d)]
    for _ in range(3):
        step(g, d, *optimizers, torch.rand(32, 784))
    print(draw(g, 4).shape)
