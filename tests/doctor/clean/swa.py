"""Style: stochastic weight averaging. Trap: update_bn runs the averaged network in training mode, on purpose."""

import torch
from torch import nn, optim
from torch.optim.swa_utils import SWALR, AveragedModel, update_bn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(10)
EPOCHS, SWA_START = 8, 4

anchor = torch.randn(3, 2, 7)
label = torch.randint(3, (840,))
x = anchor[label, torch.randint(2, (840,))] + 0.7 * torch.randn(840, 7)
train_loader = DataLoader(TensorDataset(x[:640], label[:640]), batch_size=64, shuffle=True)
val_loader = DataLoader(TensorDataset(x[640:], label[640:]), batch_size=100)

model = nn.Sequential(
    nn.Linear(7, 64), nn.BatchNorm1d(64), nn.ReLU(),
    nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(),
    nn.Linear(64, 3),
)  # fmt: skip
swa_model = AveragedModel(model)
optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=SWA_START)
swa_scheduler = SWALR(optimizer, swa_lr=0.02, anneal_epochs=2)
loss_fn = nn.CrossEntropyLoss()


def accuracy(network):
    network.eval()
    with torch.no_grad():
        hits = sum(int((network(xb).argmax(1) == yb).sum()) for xb, yb in val_loader)
    return hits / len(val_loader.dataset)


for epoch in range(EPOCHS):
    model.train()
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss_fn(model(xb), yb).backward()
        optimizer.step()
    if epoch >= SWA_START:
        swa_model.update_parameters(model)
        swa_scheduler.step()
    else:
        scheduler.step()
    print(f"epoch {epoch}: lr {optimizer.param_groups[0]['lr']:.4f} accuracy {accuracy(model):.3f}")

update_bn(train_loader, swa_model)
print(f"averaged: {accuracy(swa_model):.3f}")
