"""Style: forecasting with a GRU. Trap: chronological windows, unshuffled on purpose, split by time."""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(31)

T = 900
t = torch.arange(T, dtype=torch.float32)
series = torch.sin(t / 9) + 0.5 * torch.sin(t / 23 + 1) + 0.1 * torch.randn(T)
split = 700
mean, std = series[:split].mean(), series[:split].std()
series = (series - mean) / std


class Windows(Dataset):
    """A window of `length` values and the value after it."""

    def __init__(self, values, length=24):
        self.values, self.length = values, length

    def __len__(self):
        return len(self.values) - self.length

    def __getitem__(self, i):
        return self.values[i : i + self.length].unsqueeze(-1), self.values[i + self.length]


# In the order of time: neighbouring windows overlap, and the newest part is the test.
train_loader = DataLoader(Windows(series[:split]), batch_size=32, shuffle=False)
test_loader = DataLoader(Windows(series[split:]), batch_size=64, shuffle=False)


class Forecaster(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, x):
        output, _ = self.gru(x)
        return self.linear(output[:, -1]).squeeze(-1)


model = Forecaster()
criterion = nn.SmoothL1Loss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(4):
    model.train()
    for window, target in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(window), target)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    model.eval()
    squared, naive, count = 0.0, 0.0, 0
    with torch.no_grad():
        for window, target in test_loader:
            squared += ((model(window) - target) ** 2).sum().item()
            naive += ((window[:, -1, 0] - target) ** 2).sum().item()
            count += len(target)
    print(f"epoch {epoch}: MSE {squared / count:.4f}, of the last value {naive / count:.4f}")
