"""Style: transfer learning, frozen backbone kept in eval mode. Trap: train() of the whole puts only the head on."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(55)

projection = torch.randn(4, 18)


def task(classes, n, shift):
    """Points whose hidden code lies near one of the classes' centres."""
    centres = 2 * torch.randn(classes, 4, generator=torch.Generator().manual_seed(shift))
    y = torch.randint(classes, (n,))
    code = centres[y] + 0.7 * torch.randn(n, 4)
    return TensorDataset(torch.tanh(code @ projection) + 0.1 * torch.randn(n, 18), y)


class Backbone(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Linear(18, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32)
        )


class Transfer(nn.Module):
    def __init__(self, backbone, classes):
        super().__init__()
        self.backbone = backbone
        for p in self.backbone.parameters():
            p.requires_grad = False
        self.head = nn.Sequential(nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, classes))

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, x):
        with torch.no_grad():
            features = self.backbone(x)
        return self.head(features)


def fit(model, parameters, train_set, val_set, epochs):
    optimizer = torch.optim.Adam(parameters, lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=100)
    for epoch in range(epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        model.eval()
        hits = 0
        with torch.no_grad():
            for x, y in val_loader:
                hits += (model(x).argmax(1) == y).sum().item()
        print(f"epoch {epoch}: {hits / len(val_set):.3f}")


backbone = Backbone()
source = nn.Sequential(backbone, nn.ReLU(), nn.Linear(32, 6))
fit(source, source.parameters(), task(6, 1000, 1), task(6, 200, 1), epochs=4)

target = Transfer(backbone, classes=3)
trainable = [p for p in target.parameters() if p.requires_grad]
print("training", sum(p.numel() for p in trainable), "numbers of the head")
fit(target, trainable, task(3, 300, 2), task(3, 100, 2), epochs=4)
