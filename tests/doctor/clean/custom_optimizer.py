"""Style: an own optimizer class. Trap: its step() changes parameters by sign, with its own state."""

import torch
import torch.nn as nn
from torch.optim.optimizer import Optimizer
from torch.utils.data import DataLoader, TensorDataset


class SignMomentum(Optimizer):
    """Steps along the sign of an interpolated momentum."""

    def __init__(self, params, lr=1e-3, beta1=0.9, beta2=0.99):
        super().__init__(params, {"lr": lr, "beta1": beta1, "beta2": beta2})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["average"] = torch.zeros_like(p)
                average = state["average"]
                update = average.mul(group["beta1"]).add(p.grad, alpha=1 - group["beta1"])
                p.add_(update.sign(), alpha=-group["lr"])
                average.mul_(group["beta2"]).add_(p.grad, alpha=1 - group["beta2"])
        return loss


class SpiralNet(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, hidden), nn.Linear(hidden, hidden)])
        self.out = nn.Linear(hidden, 2)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.out(x)


def spiral(n):
    y = torch.arange(n) % 2
    t = torch.rand(n) * 3
    angle = 2 * t + y * torch.pi
    x = torch.stack([t * angle.cos(), t * angle.sin()], 1) + 0.05 * torch.randn(n, 2)
    return TensorDataset(x, y)


torch.manual_seed(13)
train_loader = DataLoader(spiral(800), batch_size=64, shuffle=True)
val_loader = DataLoader(spiral(200), batch_size=64, shuffle=False)
model = SpiralNet()
optimizer = SignMomentum(model.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
criterion = nn.CrossEntropyLoss()

for epoch in range(12):
    model.train()
    for x, y in train_loader:
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in val_loader)
    print(f"epoch {epoch}: {hits / len(val_loader.dataset):.3f}")
