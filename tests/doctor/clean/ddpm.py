"""Style: tiny DDPM, predicts the noise, samples in a loop of all time steps. Trap: target is noise, an EMA copy makes the samples."""

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2020)
T = 40
betas = torch.linspace(1e-3, 0.2, T)
alphas = 1 - betas
alphas_bar = torch.cumprod(alphas, dim=0)


class Denoiser(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.time = nn.Embedding(T, hidden)
        self.inp = nn.Linear(2, hidden)
        self.mid = nn.Linear(hidden, hidden)
        self.drop = nn.Dropout(0.05)
        self.out = nn.Linear(hidden, 2)

    def forward(self, x, t):
        h = F.silu(self.inp(x) + self.time(t))
        h = h + self.drop(F.silu(self.mid(h)))
        return self.out(h)


def q_sample(x0, t, noise):
    a = alphas_bar[t].unsqueeze(1)
    return a.sqrt() * x0 + (1 - a).sqrt() * noise


def p_losses(model, x0):
    t = torch.randint(0, T, (x0.size(0),))
    noise = torch.randn_like(x0)
    return F.mse_loss(model(q_sample(x0, t, noise), t), noise)


@torch.no_grad()
def sample(model, n):
    model.eval()
    x = torch.randn(n, 2)
    for i in reversed(range(T)):
        t = torch.full((n,), i)
        mean = (x - betas[i] / (1 - alphas_bar[i]).sqrt() * model(x, t)) / alphas[i].sqrt()
        x = mean + betas[i].sqrt() * torch.randn_like(x) if i > 0 else mean
    return x


@torch.no_grad()
def update_ema(ema, model, decay=0.95):
    for e, p in zip(ema.parameters(), model.parameters(), strict=True):
        e.lerp_(p, 1 - decay)


corner = torch.randint(0, 2, (768, 2)).float() * 2 - 1
loader = DataLoader(TensorDataset(corner + 0.1 * torch.randn(768, 2)), batch_size=64, shuffle=True)
model = Denoiser()
ema = copy.deepcopy(model).requires_grad_(False)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.0)

for epoch in range(8):
    model.train()
    total = 0.0
    for (x0,) in loader:
        loss = p_losses(model, x0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        update_ema(ema, model)
        total += loss.item()
    print(f"epoch {epoch}: {total / len(loader):.4f}")
print(
    "share near a corner", ((sample(ema, 200).abs() - 1).abs().amax(1) < 0.4).float().mean().item()
)
