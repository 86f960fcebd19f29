"""You gave one-hot rows of whole numbers.

One-hot targets are allowed, as probabilities, and so they must be floats. Class indices do the
same with less.

Caught by: check_value. Catalogue: C11.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def batch_loss(network: nn.Module, features: Tensor, column: Tensor) -> Tensor:
    criterion = nn.CrossEntropyLoss()
    logits = network(features)
    return criterion(logits, F.one_hot(column.squeeze(1).long(), logits.shape[1]))
