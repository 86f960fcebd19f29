import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def step_in_parts(
    network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor, num_parts: int
) -> None:
    """One step on the mean cross-entropy of the batch, part by part.

    Args:
        network: images (B, ...) to logits (B, K).
        images, labels: (N, ...) and (N,).
    """
    optimizer.zero_grad()
    for x, y in zip(images.chunk(num_parts), labels.chunk(num_parts)):
        loss = F.cross_entropy(network(x), y, reduction="sum") / len(images)
        loss.backward()
    optimizer.step()
