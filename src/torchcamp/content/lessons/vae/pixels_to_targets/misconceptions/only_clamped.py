"""You clamped, and did not undo anything.

Everything above the mean plus one deviation becomes white.

Caught by: check_grey.
"""

from torch import Tensor


def pixels_to_targets(x: Tensor, mean: float, std: float) -> Tensor:
    return x.clamp(0, 1).flatten(start_dim=1)
