"""Style: cross-validation, a fresh network for each fold. Trap: validation rows of one fold train another."""

import numpy as np
import torch
from sklearn.datasets import make_moons
from sklearn.model_selection import StratifiedKFold
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

SEED = 21
torch.manual_seed(SEED)

points, labels = make_moons(n_samples=600, noise=0.2, random_state=SEED)
dataset = TensorDataset(
    torch.tensor(points, dtype=torch.float32), torch.tensor(labels, dtype=torch.long)
)


def reset_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
        nn.init.zeros_(m.bias)


def new_model():
    model = nn.Sequential(
        nn.Linear(2, 32),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Linear(32, 32),
        nn.ReLU(),
        nn.Linear(32, 2),
    )
    model.apply(reset_weights)
    return model


def fit(model, loader, epochs=6):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()


def predict(model, loader):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(xb).softmax(dim=1) for xb, _ in loader])


folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
out_of_fold = torch.zeros(len(dataset), 2)
scores = []
for fold, (train_ids, val_ids) in enumerate(folds.split(points, labels)):
    train_loader = DataLoader(Subset(dataset, train_ids.tolist()), batch_size=32, shuffle=True)
    val_loader = DataLoader(Subset(dataset, val_ids.tolist()), batch_size=64)
    model = new_model()
    fit(model, train_loader)
    probabilities = predict(model, val_loader)
    out_of_fold[val_ids] = probabilities
    scores.append((probabilities.argmax(1).numpy() == labels[val_ids]).mean())
    print(f"fold {fold}: {scores[-1]:.3f}")

print(f"mean {np.mean(scores):.3f} +- {np.std(scores):.3f}")
print("out of fold:", (out_of_fold.argmax(1).numpy() == labels).mean())
