"""You gave the tensors to the constructor.

`nn.CrossEntropyLoss(logits, labels)` makes a loss function whose **settings** are your tensors,
and computes nothing. Make it first, `criterion = nn.CrossEntropyLoss()`, then call it.

Caught by: check_value. Catalogue: C16.
"""

from torch import Tensor, nn


def batch_loss(network: nn.Module, features: Tensor, column: Tensor) -> Tensor:
    criterion = nn.CrossEntropyLoss
    return criterion(network(features), column.squeeze(1).long())
