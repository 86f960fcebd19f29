"""Your table lies on its side.

The axis of a has to come first: `a[:, None]` is `(N, 1, D)`, `b[None]` is `(1, M, D)`. With the
two exchanged you get `(M, N)`.

Caught by: check_shape.
"""

from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    return ((a[None] - b[:, None]) ** 2).sum(dim=2)
