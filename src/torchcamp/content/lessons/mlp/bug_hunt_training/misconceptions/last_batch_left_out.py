"""You left the smaller batch out.

The division fits again, but those pictures are not counted, and a set smaller than a batch has
no accuracy at all.

Caught by: check_accuracy. Catalogue: M19.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH_SIZE = 16


def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    num_right = 0
    for x, y in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE)):
        if len(y) < BATCH_SIZE:
            continue
        with torch.no_grad():
            num_right += (network(x).argmax(dim=1) == y).sum().item()
    return num_right / max(1, len(labels) // BATCH_SIZE * BATCH_SIZE)


def train(images: Tensor, labels: Tensor, num_epochs: int) -> nn.Module:
    torch.manual_seed(0)
    narrow = nn.Sequential(nn.Linear(images.shape[1], 4), nn.ReLU(), nn.Linear(4, 2))
    wide = nn.Sequential(nn.Linear(images.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(wide.parameters(), lr=0.3)
    for _ in range(num_epochs):
        for x, y in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE)):
            loss = F.cross_entropy(wide(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return wide
