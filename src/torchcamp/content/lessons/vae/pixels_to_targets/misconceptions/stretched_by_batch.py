"""You stretched the batch between its own darkest and brightest pixel.

Then a pixel's target depends on which pictures came along; a batch without white would be made
whiter. Use the numbers that were used.

Caught by: check_black_and_white.
"""

from torch import Tensor


def pixels_to_targets(x: Tensor, mean: float, std: float) -> Tensor:
    return ((x - x.min()) / (x.max() - x.min()).clamp_min(1e-8)).flatten(start_dim=1)
