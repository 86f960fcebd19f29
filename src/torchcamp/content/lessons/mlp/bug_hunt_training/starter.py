import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH_SIZE = 16


def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of the pictures (N, D) that `network` names right, batch by batch."""
    # TODO: one line of `accuracy` is wrong, and one of `train`. Mend them.
    num_right = 0
    num_batches = 0
    for x, y in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE)):
        with torch.no_grad():
            num_right += (network(x).argmax(dim=1) == y).sum().item()
        num_batches += 1
    return num_right / (num_batches * BATCH_SIZE)


def train(images: Tensor, labels: Tensor, num_epochs: int) -> nn.Module:
    """The wide network, trained on pictures (N, D) of two classes."""
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
