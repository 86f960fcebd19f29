"""Style: exponential moving average of the weights. Trap: the validated network takes no step itself."""

import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


class EMA:
    def __init__(self, model, decay=0.95):
        self.decay = decay
        self.module = copy.deepcopy(model).eval()
        for p in self.module.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for ours, theirs in zip(self.module.parameters(), model.parameters(), strict=True):
            ours.lerp_(theirs, 1 - self.decay)
        for ours, theirs in zip(self.module.buffers(), model.buffers(), strict=True):
            ours.copy_(theirs)


def evaluate(model, loader):
    model.eval()
    hits = 0
    with torch.no_grad():
        for x, y in loader:
            hits += (model(x).argmax(dim=1) == y).sum().item()
    return hits / len(loader.dataset)


def main():
    torch.manual_seed(41)
    x = torch.randn(1100, 3, 8)
    y = (x.mean(2) + 0.1 * torch.randn(1100, 3)).argmax(1)
    train_set, val_set = random_split(TensorDataset(x, y), [900, 200])
    train_loader = DataLoader(train_set, 30, shuffle=True)
    val_loader = DataLoader(val_set, 200)
    model = nn.Sequential(
        nn.Conv1d(3, 16, 3, padding=1), nn.BatchNorm1d(16), nn.ReLU(), nn.AdaptiveAvgPool1d(2),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(32, 3),
    )  # fmt: skip
    ema = EMA(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    for epoch in range(6):
        model.train()
        for xb, yb in train_loader:
            loss = nn.functional.cross_entropy(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            ema.update(model)
        print(epoch, evaluate(model, val_loader), evaluate(ema.module, val_loader))


if __name__ == "__main__":
    main()
