"""Style: GRU classifier of sensor sequences, mean over the true steps. Trap: a mask of lengths, features pooled over time and not over the batch."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(14)
STEPS, CHANNELS, CLASSES = 18, 3, 3


def record(n):
    kind = torch.randint(0, CLASSES, (n,))
    length = torch.randint(8, STEPS + 1, (n,))
    t = torch.arange(STEPS).float()
    wave = torch.sin((0.3 + 0.4 * kind[:, None]) * t + 6.28 * torch.rand(n, 1))
    signal = wave.unsqueeze(2) * torch.tensor([1.0, -0.5, 0.2]) + 0.3 * torch.randn(
        n, STEPS, CHANNELS
    )
    inside = t < length[:, None]
    return signal * inside.unsqueeze(2), length, kind


dataset = TensorDataset(*record(600))
train_set, val_set = random_split(dataset, [450, 150], generator=torch.Generator().manual_seed(0))
loaders = {
    "train": DataLoader(train_set, batch_size=30, shuffle=True),
    "val": DataLoader(val_set, batch_size=50, shuffle=False),
}


class SensorNet(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.gru = nn.GRU(CHANNELS, hidden, num_layers=2, batch_first=True, dropout=0.1)
        self.norm = nn.LayerNorm(hidden)
        self.classify = nn.Linear(hidden, CLASSES)

    def forward(self, signal, length):
        states, _ = self.gru(signal)
        inside = torch.arange(signal.shape[1]) < length[:, None]
        pooled = (states * inside.unsqueeze(-1)).sum(dim=1) / length[:, None]
        return self.classify(self.norm(pooled))


net = SensorNet()
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)

for epoch in range(4):
    for phase in ["train", "val"]:
        net.train(phase == "train")
        running_loss, running_corrects, seen = 0.0, 0, 0
        for signal, length, kind in loaders[phase]:
            opt.zero_grad()
            with torch.set_grad_enabled(phase == "train"):
                logits = net(signal, length)
                loss = loss_fn(logits, kind)
                if phase == "train":
                    loss.backward()
                    opt.step()
            running_loss += loss.item() * len(kind)
            running_corrects += (logits.argmax(1) == kind).sum().item()
            seen += len(kind)
        print(f"{epoch} {phase}: loss {running_loss / seen:.3f} acc {running_corrects / seen:.3f}")
