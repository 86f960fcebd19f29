import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH_SIZE = 16


def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    with torch.no_grad():
        return (network(images).argmax(dim=1) == labels).float().mean().item()


def train(images: Tensor, labels: Tensor, num_epochs: int) -> nn.Module:
    torch.manual_seed(0)
    nn.Sequential(nn.Linear(images.shape[1], 4), nn.ReLU(), nn.Linear(4, 2))  # draws its numbers
    wide = nn.Sequential(nn.Linear(images.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(wide.parameters(), lr=0.3)
    for _ in range(num_epochs):
        for x, y in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE)):
            optimizer.zero_grad()
            F.cross_entropy(wide(x), y).backward()
            optimizer.step()
    return wide
