"""Style: features of a pretrained network under no_grad, a head on top. Trap: the backbone is in eval mode all the time."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(59)


def blobs(n, kinds):
    centres = 2 * torch.randn(kinds, 16, generator=torch.Generator().manual_seed(kinds))
    y = torch.randint(kinds, (n,))
    return TensorDataset(centres[y] + torch.randn(n, 16), y)


def backbone():
    return nn.Sequential(
        nn.Linear(16, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 24), nn.BatchNorm1d(24)
    )


source = nn.Sequential(backbone(), nn.ReLU(), nn.Linear(24, 8))
optimizer = torch.optim.Adam(source.parameters(), lr=3e-3)
for x, y in DataLoader(blobs(640, 8), batch_size=32, shuffle=True):
    optimizer.zero_grad()
    nn.functional.cross_entropy(source(x), y).backward()
    optimizer.step()
torch.save(source[0].state_dict(), "backbone.pt")

features = backbone()
features.load_state_dict(torch.load("backbone.pt", weights_only=True))
features.eval()
head = nn.Sequential(nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 3))
optimizer = torch.optim.Adam(head.parameters(), lr=5e-3)
train_loader = DataLoader(blobs(320, 3), batch_size=32, shuffle=True)
val_loader = DataLoader(blobs(96, 3), batch_size=48)
for epoch in range(5):
    for x, y in train_loader:
        with torch.no_grad():
            codes = features(x)
        loss = nn.functional.cross_entropy(head(codes), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        hits = sum((head(features(x)).argmax(1) == y).sum().item() for x, y in val_loader)
    print(f"epoch {epoch}: {hits / 96:.3f}")
