"""Style: a WeightedRandomSampler against imbalance. Trap: the data lies sorted by class, the sampler mixes it."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler


def patients(healthy, ill):
    """Measurements, first all of the healthy, then all of the ill."""
    x = torch.randn(healthy + ill, 9)
    x[healthy:, :3] += 1.5
    y = torch.cat([torch.zeros(healthy), torch.ones(ill)]).long()
    return TensorDataset(x, y)


def balanced_loader(dataset, batch_size):
    labels = dataset.tensors[1]
    counts = torch.bincount(labels)
    weights = (1.0 / counts.double())[labels]
    sampler = WeightedRandomSampler(weights, num_samples=len(labels), replacement=True)
    return DataLoader(dataset, batch_size=batch_size, sampler=sampler)


class Screen(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(9, 32)
        self.act = nn.ELU()
        self.drop = nn.AlphaDropout(0.1)
        self.fc2 = nn.Linear(32, 2)

    def forward(self, x):
        return self.fc2(self.drop(self.act(self.fc1(x))))


def confusion(model, loader):
    model.eval()
    matrix = torch.zeros(2, 2, dtype=torch.long)
    with torch.no_grad():
        for x, y in loader:
            for truth, guess in zip(y, model(x).argmax(1), strict=True):
                matrix[truth, guess] += 1
    return matrix


def main():
    torch.manual_seed(4)
    train_loader = balanced_loader(patients(900, 60), batch_size=64)
    val_loader = DataLoader(patients(300, 20), batch_size=64)
    model = Screen()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adamax(model.parameters(), lr=5e-3)
    for epoch in range(6):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        matrix = confusion(model, val_loader)
        recall = matrix.diag() / matrix.sum(dim=1)
        print(f"epoch {epoch}: recall healthy {recall[0]:.2f}, ill {recall[1]:.2f}")


main()
