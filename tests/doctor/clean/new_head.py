"""Style: a network is loaded, its last layer replaced, all of it fine-tuned. Trap: the optimizer is made after that."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(61)


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
        self.fc = nn.Linear(32, classes)

    def forward(self, x):
        return self.fc(self.body(x))


def task(classes, n):
    table = torch.randn(20, classes, generator=torch.Generator().manual_seed(classes))
    x = torch.randn(n, 20)
    return TensorDataset(x, (x @ table).argmax(1))


def fit(model, optimizer, data, epochs=3):
    for _ in range(epochs):
        model.train()
        for x, y in DataLoader(data, batch_size=32, shuffle=True):
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


first = Net(10)
fit(first, torch.optim.Adam(first.parameters(), lr=3e-3), task(10, 640))
torch.save(first.state_dict(), "first.pt")

model = Net(10)
model.load_state_dict(torch.load("first.pt", weights_only=True))
model.fc = nn.Linear(model.fc.in_features, 4)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
fit(model, optimizer, task(4, 320))
model.eval()
with torch.no_grad():
    x, y = task(4, 200).tensors
    print("right:", (model(x).argmax(1) == y).float().mean().item())
