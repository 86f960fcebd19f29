"""Style: VAE after PyTorch's example, train and test functions. Trap: sum of BCE and KL, samples through model.decode."""

import torch
import torch.utils.data
from torch import nn, optim
from torch.nn import functional as F

torch.manual_seed(1)
side = 12


def squares(n):
    pictures = torch.rand(n, 1, side, side) * 0.1
    for picture in pictures:
        i, j = torch.randint(0, side - 4, (2,)).tolist()
        picture[0, i : i + 4, j : j + 4] += 0.85
    return pictures


train_loader = torch.utils.data.DataLoader(squares(512), batch_size=64, shuffle=True)
test_loader = torch.utils.data.DataLoader(squares(160), batch_size=64, shuffle=False)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(side * side, 100)
        self.fc21 = nn.Linear(100, 6)
        self.fc22 = nn.Linear(100, 6)
        self.fc3 = nn.Linear(6, 100)
        self.fc4 = nn.Linear(100, side * side)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, side * side))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


model = VAE()
optimizer = optim.Adam(model.parameters(), lr=1e-3)


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, side * side), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


def train(epoch):
    model.train()
    train_loss = 0
    for data in train_loader:
        optimizer.zero_grad()
        recon_batch, mu, logvar = model(data)
        loss = loss_function(recon_batch, data, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
    print(f"====> Epoch: {epoch} Average loss: {train_loss / len(train_loader.dataset):.4f}")


def test(epoch):
    model.eval()
    test_loss = 0
    with torch.no_grad():
        for data in test_loader:
            recon_batch, mu, logvar = model(data)
            test_loss += loss_function(recon_batch, data, mu, logvar).item()
    print(f"====> Test set loss: {test_loss / len(test_loader.dataset):.4f}")


for epoch in range(1, 5):
    train(epoch)
    test(epoch)
    with torch.no_grad():
        sample = torch.randn(16, 6)
        sample = model.decode(sample).view(16, 1, side, side)
    print("mean of samples", sample.mean().item())
