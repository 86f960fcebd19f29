"""You subtracted the product once.

(a - b)² = a² - **2**ab + b². With one ab too few the diagonal of a point with itself is not
zero.

Caught by: check_worked.
"""

from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    return (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - a @ b.T
