"""Your accuracy is in per cent.

A share lies between 0 and 1. Multiply by 100 where you print it, so that nobody has to guess which
of the two a number is.

Caught by: check_accuracy_even.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def evaluate(
    network: nn.Module, images: Tensor, labels: Tensor, batch_size: int
) -> tuple[float, float]:
    was_training = network.training
    network.eval()
    num_right, total_loss = 0, 0.0
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size)):
            logits = network(x)
            num_right += (logits.argmax(dim=1) == y).sum().item()
            total_loss += F.cross_entropy(logits, y, reduction="sum").item()
    network.train(was_training)
    return 100 * num_right / len(labels), total_loss / len(labels)
