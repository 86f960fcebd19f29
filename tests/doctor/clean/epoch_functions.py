"""Style: train() and evaluate() functions that share one network. Trap: the mode is set inside them."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Rings(Dataset):
    """Points on three noisy rings; the label is the ring."""

    def __init__(self, n, seed):
        g = torch.Generator().manual_seed(seed)
        self.labels = torch.randint(3, (n,), generator=g)
        angle = torch.rand(n, generator=g) * 6.2832
        radius = self.labels + 0.5 + 0.15 * torch.randn(n, generator=g)
        self.points = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.points[i], self.labels[i]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 48)
        self.fc2 = nn.Linear(48, 48)
        self.fc3 = nn.Linear(48, 3)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = self.dropout(F.relu(self.fc2(x)))
        return F.log_softmax(self.fc3(x), dim=1)


def train(model, loader, optimizer, epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % 10 == 0:
            print(
                f"Train epoch {epoch} [{batch_idx * len(data)}/{len(loader.dataset)}] {loss.item():.4f}"
            )


def evaluate(model, loader):
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for data, target in loader:
            output = model(data)
            test_loss += F.nll_loss(output, target, reduction="sum").item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
    return test_loss / len(loader.dataset), correct / len(loader.dataset)


torch.manual_seed(1)
train_loader = DataLoader(Rings(800, seed=1), batch_size=50, shuffle=True)
valid_loader = DataLoader(Rings(230, seed=2), batch_size=100)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(1, 9):
    train(net, train_loader, opt, epoch)
    valid_loss, valid_acc = evaluate(net, valid_loader)
    print(f"  valid loss {valid_loss:.4f}, accuracy {100 * valid_acc:.1f}%")
