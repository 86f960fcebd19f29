"""Style: early stopping with patience. Trap: the best weights are deep-copied and loaded at the end."""

import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(8)

W = torch.randn(12, 3)


def sample(n):
    x = torch.randn(n, 12)
    y = (x @ W + 0.5 * torch.randn(n, 3)).argmax(dim=1)
    return TensorDataset(x, y)


train_loader = DataLoader(sample(400), batch_size=20, shuffle=True)
val_loader = DataLoader(sample(150), batch_size=50)
test_loader = DataLoader(sample(300), batch_size=50)


class EarlyStopping:
    def __init__(self, patience=3, min_delta=1e-3):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss = float("inf")
        self.best_state = None
        self.bad_epochs = 0

    def __call__(self, val_loss, model):
        if val_loss < self.best_loss - self.min_delta:
            self.best_loss = val_loss
            self.best_state = copy.deepcopy(model.state_dict())
            self.bad_epochs = 0
        else:
            self.bad_epochs += 1
        return self.bad_epochs >= self.patience


def run(model, loader, loss_fn):
    model.eval()
    total_loss = total_hits = total = 0
    with torch.no_grad():
        for x, y in loader:
            scores = model(x)
            total_loss += loss_fn(scores, y).item() * y.size(0)
            total_hits += (scores.max(dim=1).indices == y).sum().item()
            total += y.size(0)
    return total_loss / total, total_hits / total


model = nn.Sequential(
    nn.Linear(12, 100), nn.BatchNorm1d(100), nn.LeakyReLU(0.1), nn.Dropout(0.4), nn.Linear(100, 3)
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.3, patience=1)
stopper = EarlyStopping()

for epoch in range(20):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    val_loss, val_acc = run(model, val_loader, loss_fn)
    scheduler.step(val_loss)
    print(f"{epoch:2d} val loss {val_loss:.4f} acc {val_acc:.3f}")
    if stopper(val_loss, model):
        print("stopped early")
        break

model.load_state_dict(stopper.best_state)
test_loss, test_acc = run(model, test_loader, loss_fn)
print(f"test loss {test_loss:.4f} acc {test_acc:.3f}")
