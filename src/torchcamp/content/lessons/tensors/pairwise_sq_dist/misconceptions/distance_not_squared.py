"""You took the root.

The square of the distance is wanted, and the sum of squares is it already. `torch.cdist` and
`.norm()` give distances.

Caught by: check_worked.
"""

from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    return ((a[:, None] - b[None]) ** 2).sum(dim=2).sqrt()
