from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    """Points (N, D) and (M, D) to squared distances (N, M)."""
    return ((a[:, None] - b[None]) ** 2).sum(dim=2)
