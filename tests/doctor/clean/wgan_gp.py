"""Style: WGAN with gradient penalty, five critic steps for one of the generator. Trap: double backward through interpolates; G is zeroed after its step, so the critic's fakes must not reach it."""

import torch
import torch.nn as nn
from torch.autograd import grad
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(3)
LATENT, N_CRITIC, LAMBDA = 8, 5, 10.0

angle = torch.rand(960) * 2 * torch.pi
ring = torch.stack([angle.cos(), angle.sin()], dim=1) * 2 + 0.05 * torch.randn(960, 2)
loader = DataLoader(TensorDataset(ring), batch_size=64, shuffle=True, drop_last=True)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(LATENT, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)
        )

    def forward(self, z):
        return self.main(z)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2)
        )
        self.score = nn.Linear(64, 1)

    def forward(self, x):
        return self.score(self.main(x)).squeeze(1)


def gradient_penalty(critic, real, fake):
    eps = torch.rand(real.size(0), 1)
    mixed = (eps * real + (1 - eps) * fake).requires_grad_(True)
    (slope,) = grad(critic(mixed).sum(), mixed, create_graph=True)
    return ((slope.norm(2, dim=1) - 1) ** 2).mean()


generator, critic = Generator(), Critic()
opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.0, 0.9))
opt_c = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.0, 0.9))

step = 0
for _epoch in range(6):
    for (real,) in loader:
        z = torch.randn(real.size(0), LATENT)
        with torch.no_grad():
            fake = generator(z)
        loss_c = critic(fake).mean() - critic(real).mean()
        loss_c = loss_c + LAMBDA * gradient_penalty(critic, real, fake)
        opt_c.zero_grad(set_to_none=True)
        loss_c.backward()
        opt_c.step()
        step += 1

        if step % N_CRITIC == 0:
            z = torch.randn(real.size(0), LATENT)
            loss_g = -critic(generator(z)).mean()
            loss_g.backward()
            opt_g.step()
            opt_g.zero_grad(set_to_none=True)
            print(f"step {step}: critic {loss_c.item():.3f}, generator {loss_g.item():.3f}")

with torch.no_grad():
    samples = generator(torch.randn(500, LATENT))
print("mean radius:", samples.norm(dim=1).mean().item())
