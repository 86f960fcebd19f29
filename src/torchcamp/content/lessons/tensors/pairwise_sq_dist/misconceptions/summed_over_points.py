"""You summed over the points instead of over the coordinates.

The differences have shape `(N, M, D)`. The coordinates are the last axis, `dim=2`; that is the
one that has to go.

Caught by: check_shape.
"""

from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    return ((a[:, None] - b[None]) ** 2).sum(dim=1)
