"""Style: gradual unfreezing with add_param_group. Trap: at first most layers are frozen and in no optimizer."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(35)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(nn.Linear(16, 48), nn.LayerNorm(48), nn.ReLU())
        self.layer2 = nn.Sequential(nn.Linear(48, 48), nn.LayerNorm(48), nn.ReLU())

    def forward(self, x):
        return self.layer2(self.layer1(x))


class Net(nn.Module):
    def __init__(self, encoder, classes):
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(48, classes)

    def forward(self, x):
        return self.head(self.dropout(self.encoder(x)))


def clusters(classes, n):
    centres = torch.randn(classes, 16)
    y = torch.randint(classes, (n,))
    return TensorDataset(centres[y] + 0.8 * torch.randn(n, 16), y)


def epoch_of(net, loader, optimizer):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()


def score(net, loader):
    net.eval()
    hits, n = 0, 0
    with torch.no_grad():
        for x, y in loader:
            hits += (net(x).argmax(1) == y).sum().item()
            n += len(y)
    return hits / n


def frozen(module, flag):
    for p in module.parameters():
        p.requires_grad = not flag


encoder = Encoder()
source = Net(encoder, 8)
source_loader = DataLoader(clusters(8, 800), 50, shuffle=True)
optimizer = torch.optim.Adam(source.parameters(), lr=2e-3)
for _ in range(3):
    epoch_of(source, source_loader, optimizer)

target_set = clusters(4, 500)
train_part, val_part = torch.utils.data.random_split(target_set, [400, 100])
train_loader = DataLoader(train_part, 40, shuffle=True)
val_loader = DataLoader(val_part, 100)
model = Net(encoder, 4)
frozen(model.encoder, True)
optimizer = torch.optim.Adam(model.head.parameters(), lr=5e-3)
for epoch in range(4):
    if epoch == 1:
        frozen(model.encoder.layer2, False)
        optimizer.add_param_group({"params": model.encoder.layer2.parameters(), "lr": 5e-4})
    if epoch == 2:
        frozen(model.encoder.layer1, False)
        optimizer.add_param_group({"params": model.encoder.layer1.parameters(), "lr": 1e-4})
    epoch_of(model, train_loader, optimizer)
    print(f"epoch {epoch}: {len(optimizer.param_groups)} groups, {score(model, val_loader):.3f}")
