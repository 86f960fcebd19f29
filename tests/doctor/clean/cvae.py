"""Style: conditional VAE, label joined to encoder and decoder input, with encoder and decoder modules. Trap: sampling runs the decoder alone."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(4)
N_CLASSES, Z = 4, 3

labels = torch.randint(0, N_CLASSES, (700,))
t = torch.linspace(0, 1, 24)
curves = torch.sin(2 * torch.pi * (labels[:, None] + 1) * (t + 0.1 * torch.rand(700, 1)))
curves = curves * (0.5 + torch.rand(700, 1)) + 0.05 * torch.randn(700, 24)
train_set, val_set = random_split(TensorDataset(curves, labels), [550, 150])
train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
val_loader = DataLoader(val_set, batch_size=50)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(24 + N_CLASSES, 64), nn.BatchNorm1d(64), nn.ELU())
        self.mean, self.log_var = nn.Linear(64, Z), nn.Linear(64, Z)

    def forward(self, x, c):
        h = self.body(torch.cat((x, c), dim=1))
        return self.mean(h), self.log_var(h)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(Z + N_CLASSES, 64), nn.ELU(), nn.Linear(64, 24))

    def forward(self, z, c):
        return self.body(torch.cat((z, c), dim=1))


class CVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    def forward(self, x, y):
        c = F.one_hot(y, N_CLASSES).float()
        mean, log_var = self.encoder(x, c)
        z = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
        return self.decoder(z, c), mean, log_var


def elbo(recon, x, mean, log_var):
    reconstruction = F.mse_loss(recon, x, reduction="none").sum(dim=1)
    divergence = 0.5 * (log_var.exp() + mean**2 - 1 - log_var).sum(dim=1)
    return (reconstruction + 0.1 * divergence).mean()


net = CVAE()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(5):
    net.train()
    for x, y in train_loader:
        recon, mean, log_var = net(x, y)
        loss = elbo(recon, x, mean, log_var)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in val_loader:
            recon, mean, log_var = net(x, y)
            total += elbo(recon, x, mean, log_var).item() * len(x)
        wanted = torch.arange(N_CLASSES).repeat_interleave(5)
        made = net.decoder(torch.randn(20, Z), F.one_hot(wanted, N_CLASSES).float())
    print(f"epoch {epoch}: validation {total / len(val_set):.3f}, samples {made.std().item():.3f}")
