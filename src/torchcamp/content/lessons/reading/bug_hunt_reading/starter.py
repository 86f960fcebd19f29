import random
from random import random  # noqa: F811  TODO: three lines of this script are wrong

import torch
from torch import Tensor, nn

MEAN, STD = 0.13, 0.31


def normalise(images: Tensor) -> Tensor:
    """Pixels of uint8 pictures as the network has learnt them."""
    return (images.float() / 255 - MEAN) / STD


def crop(image: Tensor, size: int) -> Tensor:
    """A random square of a picture (H, W)."""
    top = random.randint(0, image.shape[0] - size)
    left = random.randint(0, image.shape[1] - size)
    return image[top : top + size, left : left + size]


def make_network() -> nn.Module:
    """Pictures (B, 36) to logits of three classes."""
    return nn.Sequential(nn.Linear(36, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 3))


def train_step(
    network: nn.Module, optimizer: torch.optim.Optimizer, images: Tensor, labels: Tensor
) -> float:
    """One step on uint8 pictures (B, 36)."""
    network.train()
    loss = nn.functional.cross_entropy(network(normalise(images)), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of uint8 pictures (N, 36) that are named right."""
    network.train()
    logits = network(images.float())
    return (logits.argmax(dim=1) == labels).float().mean().item()
