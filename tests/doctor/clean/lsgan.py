"""Style: least-squares GAN, generator first, one backward for both halves of D. Trap: the fake is made once and detached for D after G's step."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)


def sines(n, length=32):
    """Sine curves of random phase and frequency, in [-1, 1]."""
    t = torch.linspace(0, 6.28, length)
    return torch.sin(t * (1 + torch.rand(n, 1)) + 6.28 * torch.rand(n, 1))


dataset = sines(512)
train_loader = torch.utils.data.DataLoader(dataset, batch_size=64, shuffle=True)

G = nn.Sequential(nn.Linear(16, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32), nn.Tanh())
D = nn.Sequential(nn.Linear(32, 64), nn.LeakyReLU(0.2), nn.Dropout(0.2), nn.Linear(64, 1))

g_optimizer = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.5, 0.99))
d_optimizer = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.99))


def sample(n=64):
    G.eval()
    with torch.no_grad():
        curves = G(torch.randn(n, 16))
    G.train()
    return curves


for epoch in range(8):
    g_total = d_total = 0.0
    for real in train_loader:
        n = len(real)
        fake = G(torch.randn(n, 16))

        # generator
        g_optimizer.zero_grad()
        g_loss = 0.5 * F.mse_loss(D(fake), torch.ones(n, 1))
        g_loss.backward()
        g_optimizer.step()

        # discriminator
        d_optimizer.zero_grad()
        real_loss = F.mse_loss(D(real), torch.ones(n, 1))
        fake_loss = F.mse_loss(D(fake.detach()), torch.zeros(n, 1))
        d_loss = 0.5 * (real_loss + fake_loss)
        d_loss.backward()
        d_optimizer.step()

        g_total += g_loss.item() * n
        d_total += d_loss.item() * n
    print(f"{epoch}: G {g_total / len(dataset):.4f} D {d_total / len(dataset):.4f}")
    print("std of samples", sample().std().item(), "of data", dataset.std().item())
