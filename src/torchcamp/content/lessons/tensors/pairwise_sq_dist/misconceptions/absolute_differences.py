"""You summed absolute differences.

That is the city-block distance. The squares are wanted: `** 2`.

Caught by: check_worked.
"""

from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    return (a[:, None] - b[None]).abs().sum(dim=2)
