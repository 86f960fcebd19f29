from torch import Tensor


def pairwise_sq_dist(a: Tensor, b: Tensor) -> Tensor:
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None]
    return (squares - 2 * a @ b.T).clamp(min=0)
