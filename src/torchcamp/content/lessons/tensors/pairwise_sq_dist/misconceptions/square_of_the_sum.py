"""You squared after summing.

(x + y)² is not x² + y²: differences of opposite sign cancel before they are squared. Square each
coordinate's difference, then sum.

Caught by: check_worked.
"""

from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    return (a[:, None] - b[None]).sum(dim=2) ** 2
