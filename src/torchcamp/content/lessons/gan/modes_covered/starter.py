import torch
from torch import Tensor


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float, min_share: float
) -> tuple[int, float]:
    """How many centres are covered, and the share of samples near any of them.

    Args:
        samples: (N, 2). centres: (K, 2).
    """
    # TODO: nearest centres, then counts
    raise NotImplementedError
