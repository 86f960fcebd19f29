"""You took the argmax over the wrong axis.

`argmax(dim=0)` asks, for each class, which image has the largest logit. For each image's class the
classes must compete: `argmax(dim=1)`.

Caught by: check_accuracy_even. Catalogue: M13.
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
            num_right += sum(int(p == t) for p, t in zip(logits.argmax(dim=0), y))
            total_loss += F.cross_entropy(logits, y, reduction="sum").item()
    network.train(was_training)
    return num_right / len(labels), total_loss / len(labels)
