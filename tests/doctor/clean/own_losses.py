"""Style: losses written by hand (focal loss, log-sum-exp). Trap: exp and log, in their stable forms."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def log_probabilities(scores):
    shifted = scores - scores.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, alpha=None):
        super().__init__()
        self.gamma = gamma
        self.alpha = alpha

    def forward(self, scores, target):
        logp = log_probabilities(scores).gather(1, target.unsqueeze(1)).squeeze(1)
        weight = (1 - logp.exp()) ** self.gamma
        if self.alpha is not None:
            weight = weight * self.alpha[target]
        return -(weight * logp).mean()


def center_loss(features, target, centers):
    return (features - centers[target]).pow(2).sum(dim=1).mean()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(11, 64), nn.Softplus(), nn.Linear(64, 8))
        self.scores = nn.Sequential(nn.Tanh(), nn.Linear(8, 3))
        self.centers = nn.Parameter(torch.zeros(3, 8))

    def forward(self, x):
        features = self.features(x)
        return self.scores(features), features


def main():
    torch.manual_seed(52)
    y = torch.multinomial(torch.tensor([0.7, 0.2, 0.1]), 1100, replacement=True)
    x = 1.4 * torch.randn(3, 11)[y] + torch.randn(1100, 11)
    train_loader = DataLoader(TensorDataset(x[:900], y[:900]), 45, shuffle=True)
    val_loader = DataLoader(TensorDataset(x[900:], y[900:]), 100)
    net = Net()
    focal = FocalLoss(alpha=torch.tensor([0.5, 1.0, 1.5]))
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(6):
        net.train()
        sums = {"focal": 0.0, "center": 0.0}
        for xb, yb in train_loader:
            scores, features = net(xb)
            main_loss = focal(scores, yb)
            extra = center_loss(features, yb, net.centers)
            loss = main_loss + 0.01 * extra
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            sums["focal"] += main_loss.item() * len(xb)
            sums["center"] += extra.item() * len(xb)
        net.eval()
        with torch.no_grad():
            hits = sum((net(xb)[0].argmax(1) == yb).sum().item() for xb, yb in val_loader)
        means = {name: round(value / 900, 3) for name, value in sums.items()}
        print(f"epoch {epoch}: {means}, accuracy {hits / 200:.3f}")


main()
