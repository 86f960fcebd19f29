"""Style: warm-up and cosine chained by SequentialLR, SGD with groups. Trap: schedulers step each other when made."""

import torch
import torch.nn as nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
from torch.utils.data import DataLoader, Dataset

EPOCHS = 6


class XorStrings(Dataset):
    """Bit strings and their parity, as -1 and 1 inputs."""

    def __init__(self, n, length=5, seed=0):
        gen = torch.Generator().manual_seed(seed)
        bits = torch.randint(0, 2, (n, length), generator=gen)
        self.x = bits.float() * 2 - 1
        self.y = bits.sum(dim=1) % 2

    def __len__(self):
        return self.x.shape[0]

    def __getitem__(self, i):
        return {"bits": self.x[i], "parity": self.y[i]}


def init_weights(module):
    if isinstance(module, nn.Linear):
        nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class Parity(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
        self.classifier = nn.Linear(32, 2)
        self.apply(init_weights)

    def forward(self, batch):
        return self.classifier(self.encoder(batch["bits"]))


torch.manual_seed(0)
train_loader = DataLoader(XorStrings(960, seed=1), batch_size=32, shuffle=True)
val_loader = DataLoader(XorStrings(160, seed=2), batch_size=32)
model = Parity()
optimizer = torch.optim.SGD(
    [
        {"params": model.encoder.parameters(), "lr": 0.05},
        {"params": model.classifier.parameters(), "lr": 0.1},
    ],
    momentum=0.9,
)
warmup = LinearLR(optimizer, start_factor=0.25, total_iters=2)
cosine = CosineAnnealingLR(optimizer, T_max=EPOCHS - 2)
scheduler = SequentialLR(optimizer, [warmup, cosine], milestones=[2])
criterion = nn.CrossEntropyLoss()

for epoch in range(EPOCHS):
    model.train()
    epoch_loss = 0.0
    for batch in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(batch), batch["parity"])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    rates = scheduler.get_last_lr()
    scheduler.step()
    model.eval()
    hits = 0
    with torch.no_grad():
        for batch in val_loader:
            hits += torch.eq(model(batch).argmax(1), batch["parity"]).sum().item()
    # 960 and 160 are multiples of 32: the mean of the batches' means is the mean
    print(f"{epoch} lr {rates} loss {epoch_loss / len(train_loader):.3f} acc {hits / 160:.3f}")
