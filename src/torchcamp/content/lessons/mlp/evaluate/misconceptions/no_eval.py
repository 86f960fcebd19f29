"""You evaluated in training mode.

Dropout then switches off half the units at random, and batch norm normalises by the few images
that happen to share a batch. `torch.no_grad()` does not change that: it switches off gradients,
not training mode. Call `network.eval()`.

Caught by: check_eval_mode. Catalogue: N1, N4.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def evaluate(
    network: nn.Module, images: Tensor, labels: Tensor, batch_size: int
) -> tuple[float, float]:
    was_training = network.training
    num_right, total_loss = 0, 0.0
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size)):
            logits = network(x)
            num_right += (logits.argmax(dim=1) == y).sum().item()
            total_loss += F.cross_entropy(logits, y, reduction="sum").item()
    network.train(was_training)
    return num_right / len(labels), total_loss / len(labels)
