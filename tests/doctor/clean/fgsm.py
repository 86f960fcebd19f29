"""Style: adversarial training by FGSM. Trap: the attack's backward fills gradients that are zeroed unused."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(6)
EPSILON = 0.1

digits = load_digits()
images = torch.tensor(digits.data, dtype=torch.float32) / 16
labels = torch.tensor(digits.target)
perm = torch.randperm(len(images))
train_idx, val_idx = perm[:1400], perm[1400:]
train_loader = DataLoader(TensorDataset(images[train_idx], labels[train_idx]), 100, shuffle=True)
val_loader = DataLoader(TensorDataset(images[val_idx], labels[val_idx]), 100)

model = nn.Sequential(
    nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.1), nn.Linear(96, 64), nn.ReLU(), nn.Linear(64, 10)
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)


def fgsm_attack(x, y):
    x = x.clone().requires_grad_(True)
    loss = criterion(model(x), y)
    model.zero_grad()
    loss.backward()
    return (x + EPSILON * x.grad.sign()).clamp(0, 1).detach()


for epoch in range(5):
    model.train()
    for x, y in train_loader:
        x_adv = fgsm_attack(x, y)
        optimizer.zero_grad()
        loss = 0.5 * criterion(model(x), y) + 0.5 * criterion(model(x_adv), y)
        loss.backward()
        optimizer.step()

    model.eval()
    clean = robust = total = 0
    for x, y in val_loader:
        x_adv = fgsm_attack(x, y)
        with torch.no_grad():
            clean += (model(x).argmax(1) == y).sum().item()
            robust += (model(x_adv).argmax(1) == y).sum().item()
        total += len(y)
    print(f"epoch {epoch}: clean {clean / total:.3f}, under attack {robust / total:.3f}")
