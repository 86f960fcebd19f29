"""Your labels are floats.

Class indices are whole numbers: *expected target dtype to be Long*. They index a table, they are
not measured. `.long()` converts them.

Caught by: check_value. Catalogue: C12.
"""

from torch import Tensor, nn


def batch_loss(network: nn.Module, features: Tensor, column: Tensor) -> Tensor:
    criterion = nn.CrossEntropyLoss()
    return criterion(network(features), column.squeeze(1))
