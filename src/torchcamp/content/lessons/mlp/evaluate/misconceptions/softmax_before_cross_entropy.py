"""You gave probabilities to `F.cross_entropy`.

It contains log-softmax and applies it to what it gets. The accuracy stays the same, because softmax
keeps the order, but the loss is another one. Pass the logits.

Caught by: check_loss_even. Catalogue: C1.
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
            logits = network(x).softmax(dim=1)
            num_right += (logits.argmax(dim=1) == y).sum().item()
            total_loss += F.cross_entropy(logits, y, reduction="sum").item()
    network.train(was_training)
    return num_right / len(labels), total_loss / len(labels)
