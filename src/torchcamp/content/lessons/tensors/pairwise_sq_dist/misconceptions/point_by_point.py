"""You subtracted point by point.

`a - b` pairs the first with the first and the second with the second; with 3 against 5 points it
does not even fit. Insert axes, `a[:, None]` and `b[None]`, so that each meets each.

Caught by: check_shape.
"""

from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    return ((a - b) ** 2).sum(dim=1)
