"""You divided by 0.

A feature that never changes has standard deviation 0, and 0 / 0 is nan, which spreads through
the whole network. Put a floor under std.

Caught by: check_constant.
"""

from torch import Tensor


def standardize_features(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    mean, std = train.mean(dim=0), train.std(dim=0)
    return (train - mean) / std, (test - mean) / std
