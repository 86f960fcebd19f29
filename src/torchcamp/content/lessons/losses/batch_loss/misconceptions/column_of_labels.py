"""Your labels still stand in a column.

`(N, 1)` is read as several labels per row, which `F.cross_entropy` does not do: *0D or 1D target
tensor expected*. Take the axis away: `squeeze(1)`.

Caught by: check_value. Catalogue: C12.
"""

from torch import Tensor, nn


def batch_loss(network: nn.Module, features: Tensor, column: Tensor) -> Tensor:
    criterion = nn.CrossEntropyLoss()
    return criterion(network(features), column.long())
