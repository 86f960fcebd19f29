"""Style: affine coupling flow (RealNVP) for two moons. Trap: exact likelihood with log determinants, sampling through the inverse."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, random_split

torch.manual_seed(12)


def moons(n):
    a, which = math.pi * torch.rand(n), torch.randint(0, 2, (n,))
    x = torch.where(which == 0, a.cos(), 1 - a.cos())
    y = torch.where(which == 0, a.sin(), 0.5 - a.sin())
    return torch.stack([x, y], dim=1) + 0.06 * torch.randn(n, 2)


class Coupling(nn.Module):
    def __init__(self, flip, hidden=32):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(
            nn.Linear(1, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 2),
        )

    def shift_and_scale(self, kept):
        scale, shift = self.net(kept).chunk(2, dim=1)
        return torch.tanh(scale), shift

    def forward(self, x):
        kept, moved = x.flip(1).chunk(2, 1) if self.flip else x.chunk(2, 1)
        scale, shift = self.shift_and_scale(kept)
        y = torch.cat([kept, moved * scale.exp() + shift], dim=1)
        return (y.flip(1) if self.flip else y), scale.sum(dim=1)

    def inverse(self, y):
        kept, moved = y.flip(1).chunk(2, 1) if self.flip else y.chunk(2, 1)
        scale, shift = self.shift_and_scale(kept)
        x = torch.cat([kept, (moved - shift) * (-scale).exp()], dim=1)
        return x.flip(1) if self.flip else x


class RealNVP(nn.Module):
    def __init__(self, layers=6):
        super().__init__()
        self.layers = nn.ModuleList(Coupling(flip=i % 2 == 1) for i in range(layers))

    def log_prob(self, x):
        log_det = torch.zeros(len(x))
        for layer in self.layers:
            x, change = layer(x)
            log_det = log_det + change
        return -0.5 * (x**2).sum(1) - math.log(2 * math.pi) + log_det

    @torch.no_grad()
    def sample(self, n):
        x = torch.randn(n, 2)
        for layer in reversed(self.layers):
            x = layer.inverse(x)
        return x


train_set, val_set = random_split(moons(800), [640, 160])
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
val_loader = DataLoader(val_set, batch_size=160)
flow = RealNVP()
optimizer = torch.optim.Adam(flow.parameters(), lr=2e-3)
for epoch in range(6):
    for x in train_loader:
        loss = -flow.log_prob(x).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
        optimizer.step()
    with torch.no_grad():
        nll = [-flow.log_prob(x).mean().item() for x in val_loader]
    print(f"epoch {epoch}: nll {loss.item():.3f}, validation {sum(nll) / len(nll):.3f}")
print("mean of samples", flow.sample(300).mean(0).tolist())
