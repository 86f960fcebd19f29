"""Style: GAN whose D compares the samples of a batch (Salimans et al.). Trap: rows of a batch meet in D on purpose."""

import torch
from torch import nn, optim
from torch.utils.data import DataLoader

torch.manual_seed(23)


class MinibatchDiscrimination(nn.Module):
    def __init__(self, n_in, n_out, kernel=4):
        super().__init__()
        self.T = nn.Parameter(0.1 * torch.randn(n_in, n_out, kernel))

    def forward(self, x):
        m = torch.einsum("bi,iok->bok", x, self.T)
        distance = (m.unsqueeze(0) - m.unsqueeze(1)).abs().sum(dim=3)
        closeness = torch.exp(-distance).sum(dim=0) - 1
        return torch.cat([x, closeness], dim=1)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2))
        self.compare = MinibatchDiscrimination(32, 8)
        self.head = nn.Linear(40, 1)

    def forward(self, x):
        return self.head(self.compare(self.body(x))).squeeze(-1)


class Generator(nn.Module):
    def __init__(self, z_dim=6):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(z_dim, 32),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.Linear(32, 32),
            nn.ReLU(),
            nn.Linear(32, 2),
        )

    def forward(self, z):
        return self.body(z)


class DiscriminatorLoss(nn.Module):
    def forward(self, real_logits, fake_logits):
        real = nn.functional.softplus(-real_logits).mean()
        fake = nn.functional.softplus(fake_logits).mean()
        return real + fake


corners = torch.tensor([[1.5, 1.5], [-1.5, 1.5], [1.5, -1.5], [-1.5, -1.5]])
points = corners[torch.randint(0, 4, (640,))] + 0.1 * torch.randn(640, 2)
loader = DataLoader(points, batch_size=32, shuffle=True)
G, D = Generator(), Discriminator()
G_optim = optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
D_optim = optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
d_criterion = DiscriminatorLoss()

for epoch in range(4):
    for real in loader:
        z = torch.randn(len(real), 6)
        G_optim.zero_grad()
        g_loss = nn.functional.softplus(-D(G(z))).mean()
        g_loss.backward()
        G_optim.step()

        D_optim.zero_grad()
        with torch.no_grad():
            fake = G(torch.randn(len(real), 6))
        d_loss = d_criterion(D(real), D(fake))
        d_loss.backward()
        D_optim.step()
    print(f"epoch {epoch}: G {g_loss.item():.3f} D {d_loss.item():.3f}")

G.eval()
with torch.no_grad():
    made = G(torch.randn(400, 6))
print("corners reached", torch.cdist(made, corners).argmin(1).bincount(minlength=4).tolist())
