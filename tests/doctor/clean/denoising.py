"""Style: denoising autoencoder, functional dropout, a loss over (noisy, clean) pairs. Trap: training noise is fresh, validation noise is fixed."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset


class Waves(Dataset):
    """Sums of two sines, scaled to [0, 1]."""

    def __init__(self, n, seed):
        g = torch.Generator().manual_seed(seed)
        t = torch.linspace(0, 1, 40)
        freq = 1 + 3 * torch.rand(n, 2, 1, generator=g)
        phase = torch.rand(n, 2, 1, generator=g)
        waves = torch.sin(2 * torch.pi * (freq * t + phase)).sum(dim=1)
        self.clean = (waves + 2) / 4
        self.noise = 0.15 * torch.randn(n, 40, generator=g)

    def __len__(self):
        return len(self.clean)

    def __getitem__(self, i):
        return self.clean[i], self.noise[i]


class DAE(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.p = p
        self.enc1, self.enc2 = nn.Linear(40, 64), nn.Linear(64, 10)
        self.dec1, self.dec2 = nn.Linear(10, 64), nn.Linear(64, 40)

    def forward(self, x):
        h = F.dropout(F.gelu(self.enc1(x)), self.p, training=self.training)
        h = F.gelu(self.dec1(self.enc2(h)))
        return torch.sigmoid(self.dec2(h))


def evaluate(net, loader):
    net.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for clean, noise in loader:
            total += F.mse_loss(net(clean + noise), clean, reduction="sum").item()
            count += clean.numel()
    net.train()
    return total / count


def main(epochs=6):
    torch.manual_seed(0)
    train = DataLoader(Waves(640, seed=1), batch_size=64, shuffle=True)
    valid = DataLoader(Waves(160, seed=2), batch_size=80)
    net = DAE()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    for epoch in range(epochs):
        for clean, _ in train:
            noisy = clean + 0.15 * torch.randn_like(clean)
            optimizer.zero_grad()
            loss = F.mse_loss(net(noisy), clean)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}: last {loss.item():.4f}, validation {evaluate(net, valid):.4f}")


if __name__ == "__main__":
    main()
