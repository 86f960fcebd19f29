"""Style: GradScaler with accumulation and clipping. Trap: unscaled only where a step follows; a scaler on the CPU."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(71)
device_type = "cuda" if torch.cuda.is_available() else "cpu"
device = torch.device(device_type)
iters_to_accumulate = 2

key = torch.randn(6, 9)
label = torch.randint(6, (1200,))
sequence = key[label].unsqueeze(1) * torch.rand(1200, 5, 1) + 0.4 * torch.randn(1200, 5, 9)
train_loader = DataLoader(TensorDataset(sequence[:960], label[:960]), 48, shuffle=True)
val_loader = DataLoader(TensorDataset(sequence[960:], label[960:]), 120)


class Pooler(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(9, 32)
        self.score = nn.Linear(32, 1)
        self.dropout = nn.Dropout(0.1)
        self.out = nn.Linear(32, 6)

    def forward(self, x):
        h = torch.tanh(self.embed(x))
        attention = torch.softmax(self.score(h), dim=1)
        return self.out(self.dropout((attention * h).sum(dim=1)))


model = Pooler().to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
scaler = torch.amp.GradScaler(device_type, init_scale=2.0**10)
criterion = nn.CrossEntropyLoss()

for epoch in range(5):
    model.train()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(train_loader):
        x, y = x.to(device), y.to(device)
        with torch.autocast(device_type=device_type, dtype=torch.bfloat16):
            loss = criterion(model(x), y) / iters_to_accumulate
        scaler.scale(loss).backward()
        if (i + 1) % iters_to_accumulate == 0:
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)

    model.eval()
    hits = 0
    with torch.no_grad():
        for x, y in val_loader:
            hits += (model(x.to(device)).argmax(1).cpu() == y).sum().item()
    print(f"epoch {epoch}: scale {scaler.get_scale():.0f}, accuracy {hits / 240:.3f}")
