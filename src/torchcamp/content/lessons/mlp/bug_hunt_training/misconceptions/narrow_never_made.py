"""You removed the network that was not needed.

A good thought; but making it drew random numbers, so the wide network now begins elsewhere. In a
hunt for a bug change one thing at a time: otherwise you do not know what mended it.

Caught by: check_nothing_else_changed.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH_SIZE = 16


def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    num_right = 0
    for x, y in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE)):
        with torch.no_grad():
            num_right += (network(x).argmax(dim=1) == y).sum().item()
    return num_right / len(labels)


def train(images: Tensor, labels: Tensor, num_epochs: int) -> nn.Module:
    torch.manual_seed(0)
    wide = nn.Sequential(nn.Linear(images.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(wide.parameters(), lr=0.3)
    for _ in range(num_epochs):
        for x, y in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE)):
            loss = F.cross_entropy(wide(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return wide
