import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    """Train once on a batch; returns its loss, a scalar without a graph.

    Args:
        network: images (B, ...) to logits (B, K).
        optimizer: owns the network's parameters.
        images: (B, ...).
        labels: (B,) class indices.
    """
    loss = F.cross_entropy(network(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
