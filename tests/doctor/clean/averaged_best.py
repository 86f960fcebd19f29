"""Style: an averaged model, the best of which is kept. Trap: it is in no optimizer; it is copied when it is the best."""

import copy

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(83)
x = torch.randn(900, 10)
y = (x[:, :4].sin().cumsum(1) + 0.2 * torch.randn(900, 4)).argmax(1)
train_loader = DataLoader(TensorDataset(x[:600], y[:600]), batch_size=40, shuffle=True)
val_loader = DataLoader(TensorDataset(x[600:750], y[600:750]), batch_size=75)
test_loader = DataLoader(TensorDataset(x[750:], y[750:]), batch_size=75)


def accuracy(network, loader):
    network.eval()
    with torch.no_grad():
        hits = sum((network(a).argmax(1) == b).sum().item() for a, b in loader)
    return hits / len(loader.dataset)


model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 4))
averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()

best_accuracy, best_state = 0.0, None
for epoch in range(8):
    model.train()
    for a, b in train_loader:
        optimizer.zero_grad()
        criterion(model(a), b).backward()
        optimizer.step()
        averaged.update_parameters(model)
    measured = accuracy(averaged, val_loader)
    print(f"epoch {epoch}: {measured:.3f}")
    if measured > best_accuracy + 0.1:  # clearly better, not by luck
        best_accuracy = measured
        best_state = copy.deepcopy(averaged.state_dict())

torch.save(best_state, "best.pt")
averaged.load_state_dict(best_state)
print(f"test: {accuracy(averaged, test_loader):.3f}")
