"""The accuracy is right now. The other line is still wrong: the optimizer holds the other network.

`backward()` fills the gradients of the wide network, which is in use; the optimizer steps the
narrow one, which has none. An optimizer must own the parameters of the network that answers.

Caught by: check_network_in_use_learns. Catalogue: M1.
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
    narrow = nn.Sequential(nn.Linear(images.shape[1], 4), nn.ReLU(), nn.Linear(4, 2))
    wide = nn.Sequential(nn.Linear(images.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(narrow.parameters(), lr=0.3)
    for _ in range(num_epochs):
        for x, y in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE)):
            loss = F.cross_entropy(wide(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return wide
