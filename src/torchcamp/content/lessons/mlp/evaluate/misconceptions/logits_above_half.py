"""You counted logits above 0.5.

Logits are no probabilities: all of them may lie above 0.5, or none. The prediction is the class
with the largest logit.

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
            num_right += (logits.gather(1, y[:, None]) > 0.5).sum().item()
            total_loss += F.cross_entropy(logits, y, reduction="sum").item()
    network.train(was_training)
    return num_right / len(labels), total_loss / len(labels)
