"""You subtracted a row from a column.

`(N, 1) - (N,)` is broadcast to `(N, N)`: every prediction against every target. Nothing is
raised, training runs, and the network learns to predict the mean for all. Make the shapes equal
first, and assert it.

Caught by: check_perfect. Catalogue: T3.
"""

from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    return ((prediction - target) ** 2).mean()
