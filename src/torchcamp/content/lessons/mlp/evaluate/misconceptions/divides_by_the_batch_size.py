"""You divided by number of batches times `batch_size`.

The last batch is smaller, so you divide by images that do not exist, and a perfect network gets
less than 100 %. Divide by `len(labels)`.

Caught by: check_uneven. Catalogue: M12.
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
    num_images = len(images.split(batch_size)) * batch_size
    return num_right / num_images, total_loss / num_images
