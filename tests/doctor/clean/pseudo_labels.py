"""Style: self-training with confident pseudo-labels. Trap: labels are guessed by the same network in eval mode, within the training loop."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(65)
mu = torch.randn(4, 12)


def sample(n):
    y = torch.arange(n) % 4
    return mu[y] + 0.8 * torch.randn(n, 12), y


train_x, train_y = sample(80)
free_x, _ = sample(400)
valid = DataLoader(TensorDataset(*sample(160)), batch_size=80)
train = DataLoader(TensorDataset(train_x, train_y), batch_size=16, shuffle=True)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(12, 48)
        self.bn = nn.BatchNorm1d(48)
        self.drop = nn.Dropout(0.3)
        self.fc2 = nn.Linear(48, 4)

    def forward(self, x):
        return self.fc2(self.drop(F.relu(self.bn(self.fc1(x)))))


@torch.no_grad()
def guess(model, x, threshold=0.9):
    model.eval()
    confidence, label = F.softmax(model(x), dim=1).max(dim=1)
    model.train()
    sure = confidence > threshold
    return x[sure], label[sure]


def validate(model):
    model.eval()
    hits = torch.zeros(())
    with torch.no_grad():
        for x, y in valid:
            hits += (model(x).argmax(dim=1) == y).sum()
    return hits.item() / len(valid.dataset)


model = Classifier()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(8):
    model.train()
    for x, y in train:
        loss = F.cross_entropy(model(x), y)
        if epoch >= 1:
            pool = free_x[torch.randperm(len(free_x))[:64]]
            sure_x, sure_y = guess(model, pool)
            if len(sure_x) > 1:
                loss = loss + 0.5 * F.cross_entropy(model(sure_x), sure_y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: loss {loss.item():.3f}, validation {validate(model):.3f}")
