"""Style: gradient accumulation over four batches. Trap: a remainder at the end of the epoch gets its own step."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

ACCUM_STEPS = 4
signal = torch.randn(1, 3, 12, 12)


def make_split(n):
    labels = torch.randint(0, 2, (n,))
    pictures = torch.randn(n, 3, 12, 12) + labels.view(-1, 1, 1, 1) * 0.3 * signal
    return TensorDataset(pictures, labels)


train_loader = DataLoader(make_split(360), batch_size=16, shuffle=True)
val_loader = DataLoader(make_split(120), batch_size=50)


class SmallConv(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.GroupNorm(2, 8),
            nn.ReLU(inplace=True),
            nn.AvgPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(2),
        )
        self.dropout = nn.Dropout(0.25)
        self.classifier = nn.Linear(64, 2)

    def forward(self, x):
        x = self.features(x)
        return self.classifier(self.dropout(torch.flatten(x, 1)))


model = SmallConv()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)

for epoch in range(5):
    model.train()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(train_loader):
        start = i - i % ACCUM_STEPS
        group = min(ACCUM_STEPS, len(train_loader) - start)
        loss = criterion(model(x), y) / group
        loss.backward()
        if (i + 1) % ACCUM_STEPS == 0 or i + 1 == len(train_loader):
            torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=2.0)
            optimizer.step()
            optimizer.zero_grad()

    model.eval()
    right, seen = 0, 0
    with torch.inference_mode():
        for x, y in val_loader:
            right += int((model(x).argmax(dim=-1) == y).sum())
            seen += y.shape[0]
    print(f"Epoch {epoch + 1}: accuracy {right / seen:.2%}")
