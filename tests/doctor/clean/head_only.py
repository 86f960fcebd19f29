"""Style: a pretrained network with a new head, only the head in the optimizer. Trap: nothing is frozen explicitly."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(23)


class ConvNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(16 * 3 * 3, num_classes)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        return self.fc(x.flatten(1))


def textures(kinds, n, seed):
    patterns = torch.randn(kinds, 1, 12, 12, generator=torch.Generator().manual_seed(seed))
    y = torch.randint(kinds, (n,))
    return TensorDataset(patterns[y] + torch.randn(n, 1, 12, 12), y)


def train(model, optimizer, train_set, val_set, epochs):
    train_loader = DataLoader(train_set, batch_size=40, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=100)
    for epoch in range(epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            hits = sum((model(x).argmax(1) == y).sum().item() for x, y in val_loader)
        print(f"  epoch {epoch}: {hits / len(val_set):.3f}")


print("pretraining on eight textures")
pretrained = ConvNet(8)
train(
    pretrained,
    torch.optim.Adam(pretrained.parameters(), lr=3e-3),
    textures(8, 800, seed=1),
    textures(8, 200, seed=1),
    epochs=3,
)
torch.save(pretrained.state_dict(), "pretrained.pt")

print("a new head for three others")
model = ConvNet(8)
model.load_state_dict(torch.load("pretrained.pt", weights_only=True))
model.fc = nn.Linear(model.fc.in_features, 3)
optimizer = torch.optim.Adam(model.fc.parameters(), lr=3e-3)
train(model, optimizer, textures(3, 300, seed=2), textures(3, 100, seed=2), epochs=3)
