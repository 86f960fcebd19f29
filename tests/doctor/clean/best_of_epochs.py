"""Style: the best network itself is kept, and the best of several settings. Trap: one is copied; the other is a network of its own each time."""

import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(97)
x = torch.randn(500, 6)
y = (x[:, 0] * x[:, 1] > 0).long()
train_loader = DataLoader(TensorDataset(x[:350], y[:350]), batch_size=35, shuffle=True)
val_loader = DataLoader(TensorDataset(x[350:], y[350:]), batch_size=75)


def accuracy(model):
    model.eval()
    with torch.no_grad():
        return sum((model(a).argmax(1) == b).sum().item() for a, b in val_loader) / 150


def fit(model, lr, epochs=10):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    best_accuracy, best_model = 0.0, model
    for _ in range(epochs):
        model.train()
        for a, b in train_loader:
            loss = nn.functional.cross_entropy(model(a), b)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        measured = accuracy(model)
        if measured > best_accuracy:
            best_accuracy = measured
            best_model = copy.deepcopy(model)
    return best_accuracy, best_model


best_of_all, best_net = 0.0, None
for lr in (0.003, 0.01, 0.03):
    net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 2))
    reached, net = fit(net, lr)
    print(f"rate {lr}: {reached:.3f}")
    if reached > best_of_all:
        best_of_all = reached
        best_net = net
print(f"kept: {accuracy(best_net):.3f}")
