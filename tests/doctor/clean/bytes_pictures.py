"""Style: frames kept as uint8, scaled when they are taken. Trap: differences of bytes are made as floats."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

SIDE = 12


def clip(rng, moving):
    """Two frames of 0..255: a bright square on noise, which moves or stays."""
    frames = rng.integers(0, 60, (2, SIDE, SIDE), dtype=np.uint8)
    row, col = rng.integers(0, SIDE - 4, 2)
    frames[0, row : row + 3, col : col + 3] = 220
    shift = 1 if moving else 0
    frames[1, row : row + 3, col + shift : col + shift + 3] = 220
    return frames


class Clips(Dataset):
    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        self.labels = torch.from_numpy(rng.integers(0, 2, n))
        self.frames = torch.from_numpy(np.stack([clip(rng, bool(m)) for m in self.labels]))

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.frames[i], self.labels[i]


class MotionNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 12, 3, padding=1)
        self.fc1 = nn.Linear(12 * 6 * 6, 32)
        self.fc2 = nn.Linear(32, 2)

    def forward(self, first, difference):
        x = torch.stack([first, difference], dim=1)
        x = nn.functional.max_pool2d(torch.relu(self.conv(x)), 2)
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


def prepare(frames):
    pictures = frames.float() / 255
    return pictures[:, 0], pictures[:, 1] - pictures[:, 0]


torch.manual_seed(14)
train_loader = DataLoader(Clips(600, seed=0), batch_size=40, shuffle=True)
val_loader = DataLoader(Clips(120, seed=1), batch_size=60)
model = MotionNet()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    for frames, label in train_loader:
        first, difference = prepare(frames)
        optimizer.zero_grad()
        loss = criterion(model(first, difference), label)
        loss.backward()
        optimizer.step()
    model.eval()
    hits = 0
    with torch.no_grad():
        for frames, label in val_loader:
            first, difference = prepare(frames)
            hits += (model(first, difference).argmax(1) == label).sum().item()
    print(f"epoch {epoch}: {hits / len(val_loader.dataset):.3f}")
