"""You left out the images of the last batch.

Dropping a short batch is a habit of training, where another epoch brings its images back. In an
evaluation they are simply not counted.

Caught by: check_uneven.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def evaluate(
    network: nn.Module, images: Tensor, labels: Tensor, batch_size: int
) -> tuple[float, float]:
    was_training = network.training
    network.eval()
    num_right, total_loss, num_images = 0, 0.0, 0
    with torch.no_grad():
        for start in range(0, len(labels) - batch_size + 1, batch_size):
            x, y = images[start : start + batch_size], labels[start : start + batch_size]
            logits = network(x)
            num_right += (logits.argmax(dim=1) == y).sum().item()
            total_loss += F.cross_entropy(logits, y, reduction="sum").item()
            num_images += len(y)
    network.train(was_training)
    return num_right / max(num_images, 1), total_loss / max(num_images, 1)
