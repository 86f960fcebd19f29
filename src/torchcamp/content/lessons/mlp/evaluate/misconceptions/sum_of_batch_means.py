"""Your loss is a sum of the batches' means, divided by the number of images.

`F.cross_entropy` gives the mean of a batch. Adding such means up and dividing by the images makes
the loss smaller by the batch size. Use `reduction="sum"`.

Caught by: check_loss_even. Catalogue: C13.
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
            total_loss += F.cross_entropy(logits, y).item()
    network.train(was_training)
    return num_right / len(labels), total_loss / len(labels)
