"""You averaged the batches' accuracies.

In the last batch each picture then counts twice as much as in the others. Count the right ones,
divide once.

Caught by: check_unequal_batches. Catalogue: M11.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH_SIZE = 16


def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    shares = []
    for x, y in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE)):
        with torch.no_grad():
            shares.append((network(x).argmax(dim=1) == y).float().mean().item())
    return sum(shares) / len(shares)


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
