"""The numbers are right, but a tape was recorded for every batch.

Eval mode does not switch off gradients: the two are independent. Put the loop under
`with torch.no_grad():`.

Caught by: check_no_graph. Catalogue: G18.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def evaluate(
    network: nn.Module, images: Tensor, labels: Tensor, batch_size: int
) -> tuple[float, float]:
    was_training = network.training
    network.eval()
    num_right, total_loss = 0, 0.0
    for x, y in zip(images.split(batch_size), labels.split(batch_size)):
        logits = network(x)
        num_right += (logits.argmax(dim=1) == y).sum().item()
        total_loss += F.cross_entropy(logits, y, reduction="sum").item()
    network.train(was_training)
    return num_right / len(labels), total_loss / len(labels)
