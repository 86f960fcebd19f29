import torch
import torch.nn.functional as F
from torch import Tensor, nn


def evaluate(
    network: nn.Module, images: Tensor, labels: Tensor, batch_size: int
) -> tuple[float, float]:
    """Accuracy and mean cross-entropy over all images.

    Args:
        network: images (B, ...) to logits (B, K).
        images: (N, ...).
        labels: (N,) class indices.
        batch_size: images that go through the network at once.
    """
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    num_right, total_loss = 0, 0.0
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size), strict=True):
            logits = network(x)
            num_right += (logits.argmax(dim=1) == y).sum().item()
            total_loss += F.cross_entropy(logits, y, reduction="sum").item()
    for module, mode in modes:
        module.training = mode
    return num_right / len(labels), total_loss / len(labels)
