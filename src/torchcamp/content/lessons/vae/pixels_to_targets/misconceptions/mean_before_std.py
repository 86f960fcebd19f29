"""You added the mean before you multiplied.

(x - mean) / std is undone in the opposite order: first times std, then plus mean.

Caught by: check_black_and_white.
"""

from torch import Tensor


def pixels_to_targets(x: Tensor, mean: float, std: float) -> Tensor:
    return ((x + mean) * std).clamp(0, 1).flatten(start_dim=1)
