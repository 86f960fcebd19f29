"""Style: hinge GAN in a class, spectral norm, D frozen by requires_grad_ in G's turn. Trap: G and D share one fake batch, both zeroed at the start."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm
from torch.utils.data import DataLoader

torch.manual_seed(8)


def two_moons(n):
    half = torch.arange(n) % 2
    a = torch.pi * torch.rand(n)
    x = torch.stack([a.cos() + half, a.sin() * (1 - 2 * half) + 0.5 * half], dim=1)
    return x + 0.05 * torch.randn(n, 2)


class Gan:
    def __init__(self, latent=4, width=48):
        self.latent = latent
        self.g = nn.Sequential(
            nn.Linear(latent, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, 2),
        )
        self.d = nn.Sequential(
            spectral_norm(nn.Linear(2, width)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(width, width)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(width, 1)),
        )
        self.opt_g = torch.optim.Adam(self.g.parameters(), lr=5e-4, betas=(0.5, 0.9))
        self.opt_d = torch.optim.Adam(self.d.parameters(), lr=1e-3, betas=(0.5, 0.9))

    def noise(self, n):
        return torch.randn(n, self.latent)

    def step(self, real):
        self.opt_g.zero_grad()
        self.opt_d.zero_grad()
        fake = self.g(self.noise(len(real)))

        self.d.requires_grad_(True)
        d_loss = (1 - self.d(real)).relu().mean() + (1 + self.d(fake.detach())).relu().mean()
        d_loss.backward()

        self.d.requires_grad_(False)
        g_loss = -self.d(fake).mean()
        g_loss.backward()

        self.opt_d.step()
        self.opt_g.step()
        return d_loss.item(), g_loss.item()

    @torch.no_grad()
    def sample(self, n):
        self.g.eval()
        points = self.g(self.noise(n))
        self.g.train()
        return points


gan = Gan()
loader = DataLoader(two_moons(640), batch_size=64, shuffle=True, drop_last=True)
for epoch in range(6):
    history = [gan.step(batch) for batch in loader]
    d_mean, g_mean = (sum(values) / len(values) for values in zip(*history, strict=True))
    print(f"epoch {epoch}: d {d_mean:.3f}, g {g_mean:.3f}")
print("mean of samples", gan.sample(400).mean(0).tolist())
