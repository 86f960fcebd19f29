"""You normalised a second time.

Undoing (x - mean) / std is x * std + mean.

Caught by: check_grey.
"""

from torch import Tensor


def pixels_to_targets(x: Tensor, mean: float, std: float) -> Tensor:
    return ((x - mean) / std).clamp(0, 1).flatten(start_dim=1)
