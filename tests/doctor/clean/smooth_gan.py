"""Style: GAN in functions with one-sided label smoothing. Trap: targets of 0.9, uniform noise everywhere, real and fake batches apart."""

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def get_data(n=480, side=10):
    rows = torch.randint(0, side, (n,))
    pictures = torch.full((n, side, side), 0.1)
    pictures[torch.arange(n), rows] = 0.9
    return TensorDataset(pictures.flatten(1) + 0.1 * torch.rand(n, side * side) - 0.05)


def make_noise(n, size=10):
    return torch.rand(n, size) * 2 - 1


class Generator(nn.Module):
    def __init__(self, noise=10, out=100):
        super().__init__()
        self.hidden = nn.Linear(noise, 64)
        self.out = nn.Linear(64, out)

    def forward(self, z):
        h = torch.relu(self.hidden(z))
        return torch.sigmoid(self.out(h))


class Discriminator(nn.Module):
    def __init__(self, inp=100):
        super().__init__()
        self.hidden = nn.Linear(inp, 64)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(64, 1)

    def forward(self, x):
        return self.out(self.drop(nn.functional.leaky_relu(self.hidden(x), 0.2)))


def train_discriminator(D, optimizer, criterion, real, fake):
    optimizer.zero_grad()
    on_real = D(real)
    loss_real = criterion(on_real, torch.full_like(on_real, 0.9))
    on_fake = D(fake)
    loss_fake = criterion(on_fake, torch.zeros_like(on_fake))
    (loss_real + loss_fake).backward()
    optimizer.step()
    return loss_real.item() + loss_fake.item()


def train_generator(D, optimizer, criterion, fake):
    optimizer.zero_grad()
    verdict = D(fake)
    loss = criterion(verdict, torch.ones_like(verdict))
    loss.backward()
    optimizer.step()
    return loss.item()


def main():
    torch.manual_seed(5)
    loader = DataLoader(get_data(), batch_size=40, shuffle=True)
    G, D = Generator(), Discriminator()
    g_opt = optim.Adam(G.parameters(), lr=1e-3)
    d_opt = optim.Adam(D.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    test_noise = make_noise(12)
    for epoch in range(4):
        g_error = d_error = 0.0
        for (real,) in loader:
            fake = G(make_noise(real.size(0))).detach()
            d_error += train_discriminator(D, d_opt, criterion, real, fake)
            g_error += train_generator(D, g_opt, criterion, G(make_noise(real.size(0))))
        print(f"Epoch {epoch}: g {g_error / len(loader):.3f} d {d_error / len(loader):.3f}")
        with torch.no_grad():
            print("brightness", G(test_noise).mean().item())


if __name__ == "__main__":
    main()
