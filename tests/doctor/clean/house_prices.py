"""Style: regression on a table, standardized by the training part. Trap: (N, 1) outputs squeezed to (N,)."""

import numpy as np
import torch
import torch.nn as nn
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, Dataset

rng = np.random.default_rng(0)
torch.manual_seed(0)

N = 1000
area = rng.uniform(30, 200, N)
rooms = rng.integers(1, 7, N)
age = rng.uniform(0, 80, N)
distance = rng.gamma(2.0, 4.0, N)
price = 2.1 * area + 14 * rooms - 0.8 * age - 3 * np.sqrt(distance) + rng.normal(0, 12, N) + 60
table = np.column_stack([area, rooms, age, distance]).astype(np.float32)
price = price.astype(np.float32)

x_scaler = StandardScaler().fit(table[:800])
y_mean, y_std = price[:800].mean(), price[:800].std()


class Houses(Dataset):
    def __init__(self, rows):
        self.x = torch.from_numpy(x_scaler.transform(table[rows]).astype(np.float32))
        self.y = torch.from_numpy((price[rows] - y_mean) / y_std)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        return self.x[index], self.y[index]


class Regressor(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_features, 64),
            nn.ReLU(),
            nn.Linear(64, 32),
            nn.ReLU(),
            nn.Linear(32, 1),
        )

    def forward(self, x):
        return self.net(x).squeeze(1)


train_dl = DataLoader(Houses(slice(0, 800)), batch_size=32, shuffle=True)
val_dl = DataLoader(Houses(slice(800, 1000)), batch_size=64)
model = Regressor(4)
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)

for epoch in range(8):
    model.train()
    losses = []
    for x, y in train_dl:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    model.eval()
    absolute = 0.0
    with torch.no_grad():
        for x, y in val_dl:
            absolute += (model(x) - y).abs().sum().item()
    mae = absolute / len(val_dl.dataset) * y_std
    print(
        f"epoch {epoch}: batch losses {losses[0]:.3f} ... {losses[-1]:.3f}, MAE {mae:.1f} thousand"
    )
